/** What has happened so far on the path that one transport uses; all of them only grow. */
export interface Counters {
  /** Media, RTCP and data that arrived. */
  packets: number;
  /** Connectivity checks that were sent (RFC 8445 and, later, for consent: RFC 7675), each 2.5 s where all is quiet. */
  checks: number;
  /** Those that were answered. */
  answers: number;
  /** Checks that were answered on other pairs than the one that is used: a way out, which the browser may take. */
  elsewhere: number;
  roundTripMs: number | undefined;
}

type Pair = Omit<Counters, 'roundTripMs' | 'elsewhere'>;

const none: Pair = { packets: 0, checks: 0, answers: 0 };

/** Bytes of a usual packet, for browsers that count no packets here. */
const usualPacket = 200;

/**
 * Adds up the candidate pairs of one connection, each for the time in which it is used: they come and go with each ICE
 * restart, and a pair whose checks are answered carries nothing before the browser has chosen it.
 */
export class PathCounters {
  readonly #total: Pair = { ...none };
  #elsewhere = 0;
  #pairs = new Map<string, Pair>();

  read(report: RTCStatsReport): Counters {
    const pairs = new Map<string, Pair>();
    const used = usedPairs(report);
    let roundTripMs: number | undefined;
    report.forEach((entry: unknown, id: string) => {
      if (text(entry, 'type') !== 'candidate-pair') return;
      const pair = toPair(entry);
      pairs.set(id, pair);
      const before = this.#pairs.get(id) ?? none;
      if (!used.has(id)) {
        this.#elsewhere += Math.max(0, pair.answers - before.answers);
        return;
      }
      for (const key of ['packets', 'checks', 'answers'] as const) {
        this.#total[key] += Math.max(0, pair[key] - before[key]);
      }
      const seconds = count(entry, 'currentRoundTripTime');
      if (seconds !== undefined) roundTripMs = seconds * 1000;
    });
    this.#pairs = pairs;
    return { ...this.#total, elsewhere: this.#elsewhere, roundTripMs };
  }
}

/** Ids of the pairs through which packets go now: one, as the transport says, else what was nominated. */
function usedPairs(report: RTCStatsReport): Set<string> {
  const selected = new Set<string>();
  const nominated = new Set<string>();
  report.forEach((entry: unknown, id: string) => {
    const chosen = text(entry, 'type') === 'transport' ? text(entry, 'selectedCandidatePairId') : undefined;
    if (chosen !== undefined) selected.add(chosen);
    if (text(entry, 'type') === 'candidate-pair' && flag(entry, 'nominated')) nominated.add(id);
  });
  return selected.size > 0 ? selected : nominated;
}

function toPair(entry: unknown): Pair {
  return {
    packets: count(entry, 'packetsReceived') ?? (count(entry, 'bytesReceived') ?? 0) / usualPacket,
    checks: (count(entry, 'requestsSent') ?? 0) + (count(entry, 'consentRequestsSent') ?? 0),
    answers: count(entry, 'responsesReceived') ?? 0,
  };
}

function field(entry: unknown, name: string): unknown {
  return typeof entry === 'object' && entry !== null ? Reflect.get(entry, name) : undefined;
}

function count(entry: unknown, name: string): number | undefined {
  const value = field(entry, name);
  return typeof value === 'number' ? value : undefined;
}

function text(entry: unknown, name: string): string | undefined {
  const value = field(entry, name);
  return typeof value === 'string' ? value : undefined;
}

function flag(entry: unknown, name: string): boolean {
  return field(entry, name) === true;
}
