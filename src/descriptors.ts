import { readdirSync, readFileSync } from 'node:fs';

/**
 * Open files: each socket takes one, and whoever has none left can neither take a connection, start a worker nor read a
 * page. So the server stops taking people before that.
 */

export interface Capacity {
  /** Clients that may be connected; one more is told that the server is full. */
  clients: number;
  /** TCP connections of any kind; one more is closed at once. What is between the two is for saying no, and for pages. */
  connections: number;
  /** The same of one address: each of them may open a file as well, and others shall find some. */
  addressConnections: number;
  /** Participants on one worker. */
  workerParticipants: number;
  /** That listen for clients, on each address. */
  listeningSockets: number;
}

/** Each takes one connection in a turn of the event loop, and that there are many costs nothing but open files. */
const mostListening = 32;

const unlimited: Capacity = {
  clients: Number.POSITIVE_INFINITY,
  connections: Number.POSITIVE_INFINITY,
  addressConnections: Number.POSITIVE_INFINITY,
  workerParticipants: Number.POSITIVE_INFINITY,
  listeningSockets: mostListening,
};

/** For each of two things: saying no, and all that the server itself opens (a worker that is replaced, files of the page). */
const reserveShare = 0.05;
const leastReserve = 24;
/** Of what is kept for the server itself, one on each of two addresses (`localhost`) takes a quarter at most. */
const reservePerListening = 8;
/** In a worker: its channels, its event loop, its ports for media on each address. */
const workerOwn = 32;
/**
 * In a worker, for each participant: both of its transports may come over TCP. Those of the usual ones, over UDP, are free
 * for the links of rooms to other workers.
 */
const perParticipant = 2;

/**
 * Pure: what fits into the limit.
 *
 * @param limit of open files, for the server and for each worker, which inherits it
 * @param used by the server itself, without anybody in it
 */
export function capacityFor(limit: number, used: number): Capacity {
  const reserve = Math.max(leastReserve, Math.ceil(limit * reserveShare));
  const connections = Math.max(2, limit - used - reserve);
  return {
    connections,
    addressConnections: Math.ceil(connections / 4),
    listeningSockets: Math.min(mostListening, Math.floor(reserve / reservePerListening)),
    clients: Math.max(1, connections - reserve),
    workerParticipants: Math.max(1, Math.floor((limit - workerOwn - reserve) / perParticipant)),
  };
}

/** The server's own: a worker's four pipes and its two channels; the operators' port, and what it opens in passing. */
const perWorker = 6;
const passing = 8;
/** Connections of operators and their monitoring, over a listener of their own. */
export const operatorConnections = 16;

/**
 * What fits into `ulimit -n` (Node has raised the soft limit to the hard one when it started), beside what is open now and
 * what so many workers will take. No limit where there is no /proc (macOS).
 */
export function descriptorCapacity(workers: number): Capacity {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    if (soft === undefined || soft === 'unlimited') return unlimited;
    const used = readdirSync('/proc/self/fd').length + workers * perWorker + passing + operatorConnections;
    return capacityFor(Number(soft), used);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return unlimited;
    throw error;
  }
}
