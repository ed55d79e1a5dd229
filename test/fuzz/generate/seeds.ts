/** Numbers that make runs repeatable: each part of a run has a seed of its own, which follows from the run's. */

/** FNV-1a, 32 bits, as fast-check wants its seeds: with a sign. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const letter of parts.join('/')) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash | 0;
}
