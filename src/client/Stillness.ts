/** A picture that does not move for so long, in milliseconds, stands still for those who look at it. */
const stillMs = 2000;

/** Whether a video that should flow stands still. */
export class Stillness {
  #frames = 0;
  /** When it moved last, or began to flow again; undefined before its first frame and while it need not flow. */
  #movedAt: number | undefined;
  #stalled = false;

  get stalled(): boolean {
    return this.#stalled;
  }

  /**
   * @param flows whether it should
   * @param frames decoded so far, anew for each track; undefined: nothing is counted
   * @returns whether `stalled` is another one now
   */
  look(flows: boolean, frames: number | undefined, now: number): boolean {
    const before = this.#stalled;
    if (!flows) {
      this.#movedAt = undefined;
    } else if (frames !== undefined && frames > 0 && frames !== this.#frames) {
      this.#frames = frames;
      this.#movedAt = now;
    } else if (this.#frames > 0) {
      this.#movedAt ??= now;
    }
    this.#stalled = this.#movedAt !== undefined && now - this.#movedAt >= stillMs;
    return this.#stalled !== before;
  }
}
