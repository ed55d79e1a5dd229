/** A receiver reports on sound each 5 s, and half as long again at most (RFC 3550, 6.3.1). Milliseconds. */
const reportedMs = 8000;

/**
 * Which publishers have come back over another path a moment ago. What they sent meanwhile is missing at every receiver,
 * whose reports then look as those of a full connection do.
 */
export class Outages {
  /** By producer id, when. */
  readonly #endedAt = new Map<string, number>();

  ended(producerId: string): void {
    this.#endedAt.set(producerId, performance.now());
  }

  isRecent(producerId: string): boolean {
    return performance.now() - (this.#endedAt.get(producerId) ?? Number.NEGATIVE_INFINITY) < reportedMs;
  }

  forget(producerId: string): void {
    this.#endedAt.delete(producerId);
  }
}
