import type { AudioSender } from '../sending/AudioSender.ts';

/** How long somebody talks, in milliseconds, before somebody else does. */
const shortestTurnMs = 2000;
const longestTurnMs = 5000;

/** A conversation: so many of the microphones speak at a time, in turns. */
export class Talk {
  readonly #speakers: number;
  readonly #silent = new Set<AudioSender>();
  readonly #turns = new Map<AudioSender, NodeJS.Timeout>();

  /** @param speakers how many at a time; with as many as there are microphones, all of them always speak */
  constructor(speakers: number) {
    this.#speakers = speakers;
  }

  add(microphone: AudioSender): void {
    this.#silent.add(microphone);
    this.#fill();
  }

  close(): void {
    for (const turn of this.#turns.values()) clearTimeout(turn);
    this.#turns.clear();
    this.#silent.clear();
  }

  #fill(): void {
    while (this.#turns.size < this.#speakers) {
      const waiting = [...this.#silent];
      const next = waiting[Math.floor(Math.random() * waiting.length)];
      if (!next) return;
      this.#silent.delete(next);
      next.speak();
      const turnMs = shortestTurnMs + Math.random() * (longestTurnMs - shortestTurnMs);
      this.#turns.set(
        next,
        setTimeout(() => this.#end(next), turnMs),
      );
    }
  }

  #end(microphone: AudioSender): void {
    this.#turns.delete(microphone);
    // Where nobody else waits, the same one goes on without a pause.
    if (this.#silent.size > 0) microphone.hush();
    this.#fill();
    this.#silent.add(microphone);
    this.#fill();
  }
}
