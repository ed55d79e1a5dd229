import type { Aim } from '../Fault.ts';
import type { GapMeter } from '../world/GapMeter.ts';

/** What most faults are measured by: how long a picture of somebody, and how long their sound, stood still. */

/** A silent microphone sends a packet each 400 ms (DTX, RFC 6716, 2.1.9), and packets are looked at each 100 ms. */
const betweenPacketsMs = 500;

/** @param aim of pictures, in milliseconds; of sound as much and what passes between two packets anyway */
export function standstill(aim: Omit<Aim, 'unit'>): { gap: Aim; sound: Aim } {
  const sound = Object.fromEntries(Object.entries(aim).map(([name, ms]) => [name, ms + betweenPacketsMs]));
  return { gap: { unit: 'ms', ...aim }, sound: { unit: 'ms', ...sound } };
}

/** The longest standstill of both, over everybody. */
export async function longestStandstill(meter: GapMeter): Promise<{ gap: number; sound: number }> {
  return { gap: await meter.longest(), sound: await meter.longest('audio') };
}
