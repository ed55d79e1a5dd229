import { createHash } from 'node:crypto';

/** RFC 7518, 3.2: a key at least as long as the hash. */
export const shortestSecretBytes = 32;
/** Random text of that length has more: of base64 some 25. */
const fewestCharacters = 10;

/**
 * From examples, templates and habits, in small letters without anything between them. None is so short that it comes up in
 * random text: six letters do in one of ten million.
 */
const words = [
  ...['secret', 'password', 'passphrase', 'passwort', 'keyboardcat', 'correcthorse', 'letmein'],
  ...['changeme', 'changeit', 'changethis', 'replaceme', 'replacewith', 'replacethis', 'placeholder', 'yourkey'],
  ...[
    'example',
    'sample',
    'default',
    'insecure',
    'development',
    'production',
    'fortests',
    'testing',
    'donotuse',
    'random',
  ],
  ...['string', 'signingkey', 'jwtkey', 'atleast', 'plenum', 'qwerty', 'asdfgh', 'zxcvbn', 'abcdefgh'],
];
/** Along the keyboard and the alphabet; each character once, however often it is there. */
const runs = ['12345678', '98765432', '87654321'];

/**
 * SHA-256 of keys that are in specifications, and copied from there: RFC 7515 (A.1, A.3), RFC 7517 (A.1), RFC 7520 (3.5), RFC 8037
 * (A.2), RFC 9421 (B.1.4), jwt.io (ES256), Standard Webhooks, Svix. Of public keys the coordinate x.
 */
const samples: ReadonlySet<string> = new Set([
  'yOzJNhoF4oXwTCb5VyExpt6rB-niuGUFPG91pNi9KzI',
  'xKjXbs9fcSpvmAUtlnoVX5LiKkFR4XZwCy2Ad5h5Z6s',
  '-ggjxgHgFnAyD1ea1MXEU9d7bKjXu28mQKuxEiOjNYA',
  'c-x0RYBZxwyuPwrehmP-DaHcSxFO2M2sdTZBQLRFikw',
  'If4x36FUomFia_hUBG_SJxt77UtqvkWqWId-9H-XIbk',
  'sWwtG-rRJiY5dk_bDuTTd0WZM2vUk0BM2ksRNsWfIGI',
  'kULeWkRzqShhlRqUaqAxrHXfaumRgnHjy1jUhpeGNmY',
  '904XILdhSIEP-utNxGpgDPovw3IOltpnqFo9yz8Ux6M',
  'ZAvPAg-vmV_4nyzaaqgudDQzonrE2oM0lkOzVeWbHUk',
]);

const wellKnown = 'is a well-known one, from an example, a template or a habit';
const repeats = 'repeats a few characters';

/** Why a secret is none; undefined where it is one. Says nothing of the secret itself. */
export function weaknessOf(secret: string): string | undefined {
  if (new TextEncoder().encode(secret).byteLength < shortestSecretBytes) {
    return `has fewer than ${shortestSecretBytes} bytes`;
  }
  return weaknessOfText(secret) ?? (isSampleKey(secret) ? wellKnown : undefined);
}

/** Likewise of the bytes of a key, which may be those of a text; its length is another matter. */
export function weaknessOfKey(bytes: Uint8Array): string | undefined {
  if (isSampleKey(bytes) || isSequence(bytes)) return wellKnown;
  return weaknessOfText(Buffer.from(bytes).toString('latin1'));
}

/** Whether anybody finds that key in a specification. Text is in base64. */
export function isSampleKey(key: Uint8Array | string): boolean {
  // Node reads both alphabets as one.
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  return samples.has(createHash('sha256').update(bytes).digest('base64url'));
}

function weaknessOfText(text: string): string | undefined {
  if (new Set(text).size < fewestCharacters) return repeats;
  const plain = text.toLowerCase();
  const letters = plain.replaceAll(/[^a-z]/g, '');
  const digits = plain.replaceAll(/[^0-9]/g, '').replaceAll(/(.)\1+/g, '$1');
  const known = words.filter((word) => letters.includes(word));
  // Tools that manage secrets put their name and purpose in front of them.
  const rest = known.reduce((left, word) => left.replaceAll(word, ''), plain);
  if (known.length > 0 && isRandom(rest)) return undefined;
  return known.length > 0 || runs.some((run) => digits.includes(run)) ? wellKnown : undefined;
}

/** Long enough in one piece, and no words alone. */
function isRandom(text: string): boolean {
  const longest = text.split(/[^a-z0-9+/=]/).reduce((most, part) => (part.length > most.length ? part : most), '');
  return longest.length >= shortestSecretBytes && /[0-9]/.test(longest) && !runs.some((run) => longest.includes(run));
}

/** 0, 1, 2 ... or the like; a key that repeats one byte is one as well. */
function isSequence(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  const step = second - first;
  return bytes.every((byte, index) => byte === ((first + index * step) & 0xff));
}
