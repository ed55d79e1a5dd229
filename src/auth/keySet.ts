import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { PlenumError } from '../protocol/index.ts';
import { complaintOf } from './jwt.ts';
import { type ImportedKey, importKey, tokenAlgorithms, tokenKey } from './keys.ts';

/** What is in a file of keys. */
export interface KeySet {
  readonly keys: readonly ImportedKey[];
  /** Of keys that are for something else, why they are passed over (RFC 7517, 5). */
  readonly others: readonly string[];
  /** What is wrong with keys that are meant for tokens; nothing of what is in them. */
  readonly complaints: readonly string[];
}

const keySet = z.object({ keys: z.array(z.unknown()).max(100) });

/** Far enough to see whether a key is one for tokens. */
const kind = z.object({
  kty: z.enum(['oct', 'OKP', 'EC']),
  crv: z.enum(['Ed25519', 'P-256']).optional(),
  alg: z.enum([...tokenAlgorithms, 'Ed25519']).optional(),
  use: z.literal('sig').optional(),
});

/**
 * Keys for checking tokens: a set (JWKS, RFC 7517), a single key as JSON, or a public key in PEM.
 *
 * @throws PlenumError `bad-request` for what is none of these, and says nothing of what is in it
 */
export async function importKeys(text: string): Promise<KeySet> {
  if (/^\s*-----BEGIN/.test(text)) return importPem(text);
  const json = parseJson(text);
  const single = z.object({ kty: z.string() }).safeParse(json).success;
  const entries = single ? [json] : parseSet(json);
  const keys: ImportedKey[] = [];
  const others: string[] = [];
  const complaints: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const where = single ? 'it' : `keys.${index}`;
    const complaint = foreign(entry);
    if (complaint !== undefined) {
      others.push(`${where}: ${complaint}`);
      continue;
    }
    try {
      keys.push(single ? await importNameless(entry) : await importEntry(entry));
    } catch (error) {
      complaints.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    throw new PlenumError('bad-request', 'two keys have the same "kid"');
  }
  return { keys, others, complaints };
}

async function importPem(text: string): Promise<KeySet> {
  if (text.includes('PRIVATE KEY')) throw new PlenumError('bad-request', withPrivatePart('it'));
  let jwk: unknown;
  try {
    jwk = createPublicKey(text).export({ format: 'jwk' });
  } catch {
    // Without the cause, which may quote it.
    throw new PlenumError('bad-request', 'it is no public key in PEM');
  }
  const complaint = foreign(jwk);
  if (complaint !== undefined) throw new PlenumError('bad-request', complaint);
  return { keys: [await importNameless(jwk)], others: [], complaints: [] };
}

/** One that is alone needs no id: tokens whose id no other key has are taken to be signed with it. */
async function importNameless(entry: unknown): Promise<ImportedKey> {
  const { kid = undefined, ...material }: { kid?: unknown } = Object(entry);
  if (kid !== undefined) return importEntry(entry);
  return { ...(await importEntry({ ...material, kid: 'without id' })), kid: undefined };
}

/** @throws PlenumError `bad-request` */
async function importEntry(entry: unknown): Promise<ImportedKey> {
  const { data: jwk, error } = tokenKey.safeParse(entry);
  if (!jwk) throw new PlenumError('bad-request', complaintOf(error));
  if (jwk.kty !== 'oct' && jwk.d !== undefined) {
    throw new PlenumError('bad-request', withPrivatePart(`the key "${jwk.kid}"`));
  }
  return importKey(jwk);
}

function withPrivatePart(what: string): string {
  return `${what} holds its private part ("d"), which only the maker of tokens needs; leave it out`;
}

/** Why no token can be signed with it; undefined where it is meant for tokens. */
function foreign(entry: unknown): string | undefined {
  const { error } = kind.safeParse(entry);
  const fields = error?.issues.map(({ path }) => path.join('.')).filter(Boolean);
  return fields && `a key of another kind (${fields.join(', ') || 'no object'})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, which goes to the log: Node quotes the text around the slip, and that is mostly a key.
    throw new PlenumError('bad-request', 'it is no JSON');
  }
}

function parseSet(json: unknown): readonly unknown[] {
  const parsed = keySet.safeParse(json);
  if (parsed.success) return parsed.data.keys;
  const [issue] = parsed.error.issues;
  throw new PlenumError('bad-request', `${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}
