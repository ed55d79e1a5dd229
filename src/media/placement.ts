import type { PlaceWanted } from '../room/ports.ts';

/** How much one worker has to do. */
export interface WorkerLoad {
  workerId: string;
  /** Participants whose transports it has, those being placed right now included. */
  participants: number;
  /** Those of them who came after the CPU was measured. */
  newcomers: number;
  consumers: number;
  /** Share of one core, averaged over the last seconds: 0 idle, 1 all of it. */
  cpu: number;
  /** It has not answered for a while. */
  stalled: boolean;
}

export interface PlacementLimits {
  /** A worker with as many consumers is loaded: newcomers go to another one, where there is one. */
  maxConsumers: number;
  /** The same for its share of a core, 0 to 1. */
  maxCpu: number;
  /** No worker takes more participants than this. */
  maxParticipants: number;
}

/**
 * Consumers that somebody is taken to have at least. They come after the join, so that without this a room would fill
 * one worker while it gathers, and overload it when people begin to publish.
 */
export const consumersPresumed = 8;

/** Where all are loaded, a room goes to one more worker only where that has clearly less to do: each one costs pipes. */
const clearlyLess = 0.8;

/**
 * Pure: the worker on which the next participant of a room gets its transports. The room's own, as long as it is not
 * loaded, then the least loaded of all.
 *
 * @returns undefined when all that may be asked are full
 */
export function choosePlace(
  workers: readonly WorkerLoad[],
  { present, avoid, returning }: PlaceWanted,
  limits: PlacementLimits,
): string | undefined {
  const open = workers.filter(
    ({ workerId, participants }) => !avoid.has(workerId) && (returning || participants < limits.maxParticipants),
  );
  const awake = open.filter(({ stalled }) => !stalled);
  const ranked = (awake.length > 0 ? awake : open)
    .map((worker) => ({ workerId: worker.workerId, load: loadOf(worker, limits) }))
    .toSorted((a, b) => a.load - b.load);
  const [least] = ranked;
  const own = ranked.find(({ workerId }) => present.has(workerId));
  if (!own || !least || own.load < 1) return own?.workerId ?? least?.workerId;
  return least.load < 1 || least.load < own.load * clearlyLess ? least.workerId : own.workerId;
}

/** Pure: 0 for a worker with nothing to do; from 1 on it is loaded. */
export function loadOf(worker: WorkerLoad, { maxConsumers, maxCpu }: PlacementLimits): number {
  const consumers = Math.max(worker.consumers, worker.participants * consumersPresumed);
  return Math.max(consumers / maxConsumers, expectedCpu(worker) / maxCpu);
}

/** Whoever came after the measuring is taken to cost what the others do, and all of them no more than those. */
function expectedCpu({ cpu, participants, newcomers }: WorkerLoad): number {
  const measured = Math.max(1, participants - newcomers);
  return cpu * Math.min(2, Math.max(1, participants / measured));
}
