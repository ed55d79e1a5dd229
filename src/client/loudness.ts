/** Below this, in dBov, sound counts as silence. */
const floor = -60;

/** dBov (0 the loudest, -127 silence, RFC 6464) as a number from 0 to 1 that looks right on a meter. */
export function loudness(dBov: number): number {
  return Math.min(1, Math.max(0, (dBov - floor) / -floor));
}
