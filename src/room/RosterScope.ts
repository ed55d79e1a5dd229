import type { Source } from '../protocol/index.ts';

/**
 * How much a large room wants to see of somebody. 0: nothing to see; 1: publishes, but all of it is muted; 2: publishes;
 * 3: has raised a hand; 4: speaks, shares a screen, or is in the spotlight.
 */
export type Relevance = 0 | 1 | 2 | 3 | 4;

const relevances: readonly Relevance[] = [1, 2, 3, 4];

export interface RosterScopeListener {
  /** The shared deltas speak of this participant from now on. */
  show(participantId: string): void;
  /** They speak of it no more; it is still there. */
  hide(participantId: string): void;
  /** True: the room has become large. The calls of `show` and `hide` that this brings follow. */
  partialChanged(partial: boolean): void;
}

/**
 * Of whom the shared deltas of a room speak. Up to `limit` participants of all; beyond that of those who have something
 * to see, at most `limit`: then the more relevant displaces who has had nothing new for longest. Every step costs the same
 * in a room of any size, but the two at which a room becomes large or small.
 */
export class RosterScope {
  readonly #limit: number;
  readonly #listener: RosterScopeListener;
  readonly #members = new Map<string, Relevance>();
  /** While the room is large, those of whom the deltas speak, by relevance; the longest unchanged first. */
  readonly #shown = buckets();
  /** Those who have something to see, and for whom there was no room. */
  readonly #waiting = buckets();
  #visible = new Set<string>();
  #partial = false;

  constructor(limit: number, listener: RosterScopeListener) {
    this.#limit = limit;
    this.#listener = listener;
  }

  get partial(): boolean {
    return this.#partial;
  }

  isShown(participantId: string): boolean {
    return this.#partial ? this.#visible.has(participantId) : this.#members.has(participantId);
  }

  /** All of whom the deltas speak. */
  get shown(): Iterable<string> {
    return this.#partial ? this.#visible : this.#members.keys();
  }

  add(participantId: string): void {
    if (!this.#partial && this.#members.size + 1 > this.#limit) this.#becomeLarge();
    this.#members.set(participantId, 0);
    if (!this.#partial) this.#listener.show(participantId);
  }

  /** Somebody who is not a member is passed over. */
  set(participantId: string, relevance: Relevance): void {
    const before = this.#members.get(participantId);
    if (before === undefined || before === relevance) return;
    this.#members.set(participantId, relevance);
    if (!this.#partial) return;
    this.#shown.get(before)?.delete(participantId);
    this.#waiting.get(before)?.delete(participantId);
    if (this.#visible.has(participantId)) {
      if (relevance === 0) this.#hide(participantId);
      else this.#shown.get(relevance)?.add(participantId);
    } else {
      this.#waiting.get(relevance)?.add(participantId);
    }
    this.#balance();
  }

  /** Gone; the listener hears nothing of it, since the room tells it in another way. */
  delete(participantId: string): void {
    const relevance = this.#members.get(participantId);
    if (relevance === undefined) return;
    this.#members.delete(participantId);
    this.#shown.get(relevance)?.delete(participantId);
    this.#waiting.get(relevance)?.delete(participantId);
    this.#visible.delete(participantId);
    // Well below the limit, so that somebody who comes and goes does not turn the room each time.
    if (this.#partial && this.#members.size <= Math.floor(this.#limit * 0.9)) this.#becomeSmall();
    else if (this.#partial) this.#balance();
  }

  #becomeLarge(): void {
    this.#partial = true;
    this.#listener.partialChanged(true);
    this.#visible = new Set(this.#members.keys());
    for (const [participantId, relevance] of this.#members) {
      if (relevance === 0) this.#hide(participantId);
      else this.#shown.get(relevance)?.add(participantId);
    }
  }

  #becomeSmall(): void {
    this.#partial = false;
    this.#listener.partialChanged(false);
    this.#visible.clear();
    for (const ids of [...this.#shown.values(), ...this.#waiting.values()]) ids.clear();
    // Also those who were shown: what is told personally in a large room, the others have not heard.
    for (const participantId of this.#members.keys()) this.#listener.show(participantId);
  }

  /** One change makes room for one at most, or lets one in. */
  #balance(): void {
    const next = best(this.#waiting);
    if (!next) return;
    const last = worst(this.#shown);
    if (last && this.#visible.size >= this.#limit) {
      if (last.relevance >= next.relevance) return;
      this.#shown.get(last.relevance)?.delete(last.participantId);
      this.#waiting.get(last.relevance)?.add(last.participantId);
      this.#hide(last.participantId);
    }
    this.#waiting.get(next.relevance)?.delete(next.participantId);
    this.#shown.get(next.relevance)?.add(next.participantId);
    this.#visible.add(next.participantId);
    this.#listener.show(next.participantId);
  }

  #hide(participantId: string): void {
    this.#visible.delete(participantId);
    this.#listener.hide(participantId);
  }
}

/** How much others want to know of somebody who publishes this. @param spoke whether they spoke lately */
export function relevanceOf(
  { handRaised }: { handRaised: boolean },
  published: readonly { source: Source; muted: boolean }[],
  spoke: boolean,
): Relevance {
  if (spoke || published.some(({ source }) => source === 'screen')) return 4;
  if (handRaised) return 3;
  if (published.some(({ muted }) => !muted)) return 2;
  return published.length > 0 ? 1 : 0;
}

type Buckets = ReadonlyMap<Relevance, Set<string>>;

function buckets(): Buckets {
  return new Map(relevances.map((relevance) => [relevance, new Set<string>()]));
}

function best(from: Buckets): { participantId: string; relevance: Relevance } | undefined {
  return first(from, relevances.toReversed());
}

function worst(from: Buckets): { participantId: string; relevance: Relevance } | undefined {
  return first(from, relevances);
}

function first(from: Buckets, order: readonly Relevance[]) {
  for (const relevance of order) {
    for (const participantId of from.get(relevance) ?? []) return { participantId, relevance };
  }
  return undefined;
}
