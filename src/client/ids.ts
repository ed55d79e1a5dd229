/** A random id as the protocol wants it. `crypto.randomUUID` exists on secure origins only, `getRandomValues` everywhere. */
export function makeId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
