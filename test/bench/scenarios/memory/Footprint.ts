import { pause } from '../forwarding/Forwarder.ts';

/** Bytes: heap in use after a collection, resident memory of the Node process, and of all workers. */
export interface Footprint {
  heap: number;
  node: number;
  workers: number;
}

/** A server whose memory is looked at: Plenum's or mediasoup alone. */
export interface Measurable {
  heapBytes(): Promise<number>;
  memory(): { node: number; workers: number };
}

/** @param settleMs what was just freed is given back to the system a little later */
export async function footprintOf(server: Measurable, settleMs: number): Promise<Footprint> {
  await server.heapBytes();
  await pause(settleMs);
  const heap = await server.heapBytes();
  const { node, workers } = server.memory();
  return { heap, node: node * 1e6, workers: workers * 1e6 };
}

/** What each of so many that were added has cost. */
export function perPart(before: Footprint, after: Footprint, parts: number): Footprint {
  return {
    heap: (after.heap - before.heap) / parts,
    node: (after.node - before.node) / parts,
    workers: (after.workers - before.workers) / parts,
  };
}
