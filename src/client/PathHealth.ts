import type { Counters } from './pathCounters.ts';

/** `doubtful`: it may be broken; something is sent that must be answered, and the next look comes sooner. */
export type Health = 'fine' | 'doubtful' | 'broken';

/** Packets a second from which on silence is remarkable: voices with pauses (DTX) send 2.5, and often nobody speaks. */
const flowingRate = 8;
/** Nothing at all for so long, where much arrived before, in milliseconds. */
const quietMs = 350;
/** The last packets of a stream that stops are few: what flowed so shortly before them counts, in milliseconds. */
const recentMs = 1500;
/** A transport is deaf after so long without anything while the other one is answered, and not again for a while, */
const deafMs = 800;
const deafEveryMs = 30_000;
/** where much came in each look for so long: a shared screen that stands still comes in bursts. Milliseconds. */
const steadyMs = 2000;
/**
 * How long the answer to a probe may take beside two round trips (SCTP keeps its acknowledgement back for 200 ms), and how
 * many must have been sent: one may get lost.
 */
const answerMs = 500;
const fewestProbes = 3;
/** Where little is said: so many connectivity checks without an answer raise a doubt, or say that one way is broken. */
const doubtfulChecks = 2;
const brokenChecks = 5;
const doubtfulSilenceMs = 2000;
const brokenSilenceMs = 4000;

interface Way {
  counters: Counters;
  lookedAt: number;
  heardAt: number;
  /** When a check was answered last on a pair that is not used (yet). */
  elsewhereAt: number;
  /** How many checks had been sent when it was last heard. */
  checksThen: number;
  /** It has been heard at all: there are browsers that count nothing. */
  known: boolean;
  /** When much arrived last, and since when it did so in each look. */
  flowedAt: number;
  flowingSince: number;
}

const never = Number.NEGATIVE_INFINITY;
const nothing = { flowedAt: never, flowingSince: never, elsewhereAt: never };

type State = { name: 'fine' } | { name: 'doubtful'; since: number } | { name: 'broken'; since: number };

/** Something was sent that must be answered. */
export interface Probe {
  /** On which transport. */
  way: string;
  /** Since when, in this doubt, and how often. */
  at: number;
  times: number;
}

/**
 * Whether packets still find their way, judged by what the browser counts on each transport. Nobody speaking, everybody
 * muted and a room for oneself are no reasons for a doubt: what counts is an answer that stays away.
 */
export class PathHealth {
  readonly #ways = new Map<string, Way>();
  #state: State = { name: 'fine' };
  #deaf: readonly string[] = [];
  #deafAt = never;

  get health(): Health {
    return this.#state.name;
  }

  /**
   * Transports of which the last look has found that nothing comes any more where much came, while the other one works: a
   * router has forgotten both flows, and the browser's own checks have mended only one, or nobody sends any more.
   */
  get deaf(): readonly string[] {
    return this.#deaf;
  }

  /** Something has happened that may have broken the path: another network, a long sleep, a lost socket. */
  doubt(now: number): void {
    if (this.#state.name === 'fine' && this.#known.length > 0) this.#state = { name: 'doubtful', since: now };
  }

  /** The browser itself says that the path is gone. */
  break(now: number): void {
    if (this.#state.name !== 'broken') this.#state = { name: 'broken', since: now };
  }

  /** @param probe undefined: only checks tell */
  look(now: number, counters: ReadonlyMap<string, Counters>, probe: Probe | undefined): Health {
    this.#deaf = [];
    for (const [name, current] of counters) this.#count(name, now, current);
    const state = this.#state;
    switch (state.name) {
      case 'fine':
        if (this.#silent(now)) this.break(now);
        else if (this.#suspicious(now)) this.#state = { name: 'doubtful', since: now };
        break;
      case 'doubtful':
        if (this.#answered(state.since, probe)) this.#endDoubt(now, state.since);
        else if (this.#silent(now) || (probe && this.#unheard(now, state.since, probe))) this.break(now);
        break;
      case 'broken':
        if (this.#known.length > 0 && this.#known.every(({ heardAt }) => heardAt > state.since)) this.#calm();
        break;
    }
    return this.#state.name;
  }

  /**
   * Whether each transport has been answered since then, be it on a pair that is not used yet. Chromium leaves the old one when it has heard nothing on
   * it for 3.5 s, and a restart in between would make it begin anew.
   */
  hasWayOut(since: number): boolean {
    const known = this.#known;
    return known.length > 0 && known.every(({ elsewhereAt, heardAt }) => Math.max(elsewhereAt, heardAt) > since);
  }

  /** The browser says that it is connected: for those that count nothing, the only sign. */
  connected(): void {
    if (this.#known.length === 0) this.#calm();
  }

  get #known(): Way[] {
    return [...this.#ways.values()].filter(({ known }) => known);
  }

  get #patienceMs(): number {
    const roundTrips = this.#known.map(({ counters }) => counters.roundTripMs ?? 0);
    return answerMs + 2 * Math.max(0, ...roundTrips);
  }

  #count(name: string, now: number, counters: Counters): void {
    const way = this.#ways.get(name);
    if (!way) {
      const known = counters.packets > 0 || counters.answers > 0;
      const first = { counters, lookedAt: now, heardAt: now, checksThen: counters.checks, known, ...nothing };
      this.#ways.set(name, first);
      return;
    }
    const packets = counters.packets - way.counters.packets;
    if (packets > 0 || counters.answers > way.counters.answers) {
      way.known = true;
      way.heardAt = now;
      way.checksThen = counters.checks;
      const seconds = (now - way.lookedAt) / 1000;
      if (packets >= Math.max(2, flowingRate * seconds)) {
        if (way.flowedAt !== way.lookedAt) way.flowingSince = now;
        way.flowedAt = now;
      }
    }
    if (counters.elsewhere > way.counters.elsewhere) way.elsewhereAt = now;
    way.counters = counters;
    way.lookedAt = now;
  }

  /** Nothing comes any more, where much came on one transport or where checks were sent on both. */
  #suspicious(now: number): boolean {
    const known = this.#known;
    if (known.some((way) => flowed(way) && now - way.heardAt >= quietMs)) return true;
    const quiet = known.length > 0 && known.every(({ heardAt }) => now - heardAt >= doubtfulSilenceMs);
    return quiet && known.some((way) => unanswered(way) >= doubtfulChecks);
  }

  /** Where nothing can be probed, one transport that is heard speaks for the other: they share the network. */
  #answered(since: number, probe: Probe | undefined): boolean {
    const probed = probe && this.#ways.get(probe.way);
    return probed?.known ? probed.heardAt > since : this.#known.some(({ heardAt }) => heardAt > since);
  }

  /** It takes longer where the other transport is heard: then it may be a queue that is full. */
  #unheard(now: number, since: number, { at, times }: Probe): boolean {
    const others = this.#known.some(({ heardAt }) => heardAt > since);
    return times >= fewestProbes && now - at >= (others ? 2 : 1) * this.#patienceMs;
  }

  #endDoubt(now: number, since: number): void {
    const unheard = [...this.#ways].filter(([, way]) => way.known && flowedSteadily(way) && way.heardAt <= since);
    if (unheard.some(([, { heardAt }]) => now - heardAt < deafMs)) return;
    if (unheard.length > 0 && now - this.#deafAt >= deafEveryMs) {
      this.#deafAt = now;
      this.#deaf = unheard.map(([name]) => name);
    }
    this.#calm();
  }

  /** One transport's checks are not answered, whatever the other one hears. */
  #silent(now: number): boolean {
    return this.#known.some((way) => unanswered(way) >= brokenChecks && now - way.heardAt >= brokenSilenceMs);
  }

  #calm(): void {
    this.#state = { name: 'fine' };
    // What stopped for a good reason must not raise the same doubt again.
    for (const way of this.#ways.values()) {
      if (way.flowedAt < way.lookedAt) way.flowedAt = never;
    }
  }
}

/** Much arrived on it until, or shortly before, it was last heard. */
function flowed({ flowedAt, heardAt }: Way): boolean {
  return heardAt - flowedAt < recentMs;
}

function flowedSteadily(way: Way): boolean {
  return flowed(way) && way.flowedAt - way.flowingSince >= steadyMs;
}

function unanswered({ counters, checksThen }: Way): number {
  return counters.checks - checksThen;
}
