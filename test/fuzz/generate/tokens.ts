import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { oddities } from './oddities.ts';
import { jsonOf, type Names } from './placeholders.ts';
import { keysBroughtAlong, oddApiGrants, passedOver, type Sign, strangeKeyIds } from './tokenHeaders.ts';

/** A token that must open no room, and what is wrong with it. */
export interface WrongToken {
  what: string;
  token: string;
}

type Json = Record<string, unknown>;

interface Parts {
  header: Json;
  payload: Json;
  /** As it was signed by whoever may. */
  signature: string;
}

const names: Names = { name: (kind, index) => `${kind}${index}`, freshNumber: () => 1 };
const base64 = (text: string) => Buffer.from(text).toString('base64url');
const encode = (header: unknown, payload: unknown) =>
  `${base64(jsonOf(header, names))}.${base64(jsonOf(payload, names))}`;
const hmac = (hash: string, key: string, covered: string) => createHmac(hash, key).update(covered).digest('base64url');

function partsOf(token: string): Parts {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const json = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: json(header), payload: json(payload), signature };
}

const signWith: Sign = (header, payload, key) => {
  const covered = encode(header, payload);
  return `${covered}.${hmac('sha256', key, covered)}`;
};

/** Tokens that the server may take or not. `good`: as for the next. */
export function oddTokens(good: string, secret: string): fc.Arbitrary<WrongToken> {
  const { header, payload } = partsOf(good);
  return passedOver(header, payload, secret, signWith);
}

/** Tokens for the API that give no right to change anything, made of one that does. */
export function weakApiTokens(good: string, secret: string): fc.Arbitrary<WrongToken> {
  const { header, payload } = partsOf(good);
  return oddApiGrants(header, payload, secret, signWith);
}

/**
 * Tokens that are made of a good one, each wrong in one way.
 *
 * @param good signed with HS256 and `secret`
 */
export function wrongTokens(good: string, secret: string): fc.Arbitrary<WrongToken> {
  const { header, payload, signature } = partsOf(good);
  const signed = (head: unknown, body: unknown) => signWith(head, body, secret);
  const odd = fc.constantFrom(...oddities);
  return fc.oneof(
    { weight: 2, arbitrary: strangeKeyIds(header, payload, signWith) },
    { weight: 2, arbitrary: keysBroughtAlong(header, payload, signWith) },
    // Headers that want to be believed without the key, or with another one.
    fc
      .constantFrom('none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'ES256', 'EdDSA', 'dir', 'HS256 ')
      .map((alg) => ({
        what: `alg ${alg}`,
        token: `${encode({ ...header, alg }, payload)}.${alg.toLowerCase() === 'none' ? '' : signature}`,
      })),
    fc.constantFrom('sha384', 'sha512', 'sha1').map((hash) => {
      const covered = encode({ ...header, alg: `HS${hash.slice(3)}` }, payload);
      return { what: `signed with ${hash}`, token: `${covered}.${hmac(hash, secret, covered)}` };
    }),
    fc.constantFrom('', 'secret', `${secret} `, secret.slice(1), 'null', '\u0000'.repeat(32)).map((key) => {
      const covered = encode(header, payload);
      return { what: 'another key', token: `${covered}.${hmac('sha256', key, covered)}` };
    }),
    odd.map((alg) => ({ what: 'an odd alg', token: signed({ ...header, alg }, payload) })),
    odd.map((crit) => ({ what: 'a critical header', token: signed({ ...header, crit: ['x', crit], x: 1 }, payload) })),
    fc
      .constantFrom(null, 1, 'x', [], [header], {})
      .map((head) => ({ what: 'no header', token: signed(head, payload) })),
    fc
      .constantFrom(null, 1, 'x', [], [payload], {})
      .map((body) => ({ what: 'no claims', token: signed(header, body) })),
    // What the token says, changed after it was signed.
    fc.tuple(fc.constantFrom(...Object.keys(payload)), odd).map(([claim, value]) => ({
      what: `${claim} forged`,
      token: `${encode(header, { ...payload, [claim]: value, forged: 1 })}.${signature}`,
    })),
    fc.constantFrom('another-room', 'the-call').map((room) => ({
      what: 'another room',
      token: `${encode(header, { ...payload, room })}.${signature}`,
    })),
    // Signed by whoever has the key, and saying what no room can be opened with.
    fc.constantFrom('room', 'sub', 'exp', 'nbf', 'aud').map((claim) => ({
      what: `${claim} left out`,
      token: signed(header, Object.fromEntries(Object.entries(payload).filter(([name]) => name !== claim))),
    })),
    fc.constantFrom('room', 'sub', 'exp', 'aud').chain((claim) =>
      fc
        .constantFrom<unknown>(null, true, {}, [], -1, 0, '', ' ', 'a b', '\u0000', '\u202e', 'x'.repeat(200))
        .map((value) => ({
          what: `${claim} is ${JSON.stringify(value)?.slice(0, 20)}`,
          token: signed(header, {
            ...payload,
            [claim]: claim === 'sub' && typeof value === 'string' && /[a ]/.test(value) ? '' : value,
          }),
        })),
    ),
    fc.constantFrom(1, -1).map((sign) => ({
      what: sign > 0 ? 'not valid yet' : 'expired',
      token: signed(header, {
        ...payload,
        ...(sign > 0 ? { nbf: Date.now() / 1000 + 3600 } : { exp: Date.now() / 1000 - 3600 }),
      }),
    })),
    fc
      .constantFrom<unknown>(
        null,
        'x',
        1,
        [],
        { canPublish: 'all' },
        { canpublish: true },
        { moderator: 1 },
        { hidden: null },
      )
      .map((grants) => ({ what: `grants ${JSON.stringify(grants)}`, token: signed(header, { ...payload, grants }) })),
    // No token at all.
    fc.nat(good.length - 1).map((at) => ({ what: `cut at ${at}`, token: good.slice(0, at) })),
    fc.tuple(fc.nat(good.length - 1), fc.constantFrom('A', '.', ' ', '=', '\n', '\u0000', 'é')).map(([at, letter]) => ({
      what: `${JSON.stringify(letter)} at ${at}`,
      token: `${good.slice(0, at)}${letter}${good.slice(at)}`,
    })),
    fc
      .constantFrom(8000, 8193, 60_000, 500_000)
      .map((length) => ({ what: `${length} bytes`, token: good.padEnd(length, 'A') })),
    fc
      .constantFrom(
        '.',
        '..',
        '...',
        'a.b.c',
        'null',
        '{}',
        `${good}.${good}`,
        `Bearer ${good}`,
        good.split('.').toReversed().join('.'),
      )
      .map((token) => ({ what: 'another form', token })),
  );
}
