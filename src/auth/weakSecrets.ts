/** RFC 7518, 3.2: a key at least as long as the hash. */
export const shortestSecretBytes = 32;
/** Random text of that length has more: of base64 some 25. */
const fewestCharacters = 10;

/** From examples, templates and habits; upper and lower case, and what stands between words, alike. */
const wellKnown = [
  'changeme',
  'changethis',
  'yoursecret',
  'mysecret',
  'supersecret',
  'topsecret',
  'secretkey',
  'keepitsecret',
  'fortestsonly',
  'password',
  'example',
  'insecure',
  '0123456789',
  'abcdefghij',
];

/** Why a secret is none; undefined where it is one. Says nothing of the secret itself. */
export function weaknessOf(secret: string): string | undefined {
  if (new TextEncoder().encode(secret).byteLength < shortestSecretBytes) {
    return `has fewer than ${shortestSecretBytes} bytes`;
  }
  if (new Set(secret).size < fewestCharacters) return 'repeats a few characters';
  const plain = secret.toLowerCase().replaceAll(/[\s_.,-]/g, '');
  if (wellKnown.some((word) => plain.includes(word))) return 'is a well-known one, from an example or a template';
  return undefined;
}
