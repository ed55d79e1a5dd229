import { audible, type Ranking, settle, spoke, voiceOf } from '../../src/room/audience.ts';

/** How loud somebody is at a time, in dBov; undefined: silent. */
export type Talk = (ms: number) => number | undefined;

const pauseMs = 200;
const wordMs = 40;
const reportMs = 100;

interface Mouth {
  talk: Talk;
  loudAt: number;
  beganAt: number;
  sustained: boolean;
  peak: number | undefined;
}

/** People who talk, heard in packets as src/media/AudioLevels.ts hears them, and the ranking that comes of it. */
export class Babble {
  ranking: Ranking = [];
  now = 0;
  readonly places: number;
  readonly #packetMs: number;
  readonly #mouths = new Map<string, Mouth>();

  /** @param places for how many voices there is room, with those whom only other speakers hear */
  constructor(places: number, packetMs = 20) {
    this.places = places;
    this.#packetMs = packetMs;
  }

  /** Each person has one microphone, of the same name. */
  add(name: string, talk: Talk = () => undefined): void {
    const never = Number.NEGATIVE_INFINITY;
    this.#mouths.set(name, { talk, loudAt: never, beganAt: never, sustained: false, peak: undefined });
    this.ranking = [...this.ranking, voiceOf(name, name)];
  }

  /** From now on that person talks so. */
  talk(name: string, talk: Talk): void {
    const mouth = this.#mouths.get(name);
    if (!mouth) throw new Error(`there is no ${name}`);
    mouth.talk = talk;
  }

  /** Whom somebody else hears who may hear so many; without `who`, somebody who is no voice. */
  heard(limit: number, who = 'a listener'): string[] {
    return audible(this.ranking, who, limit);
  }

  /** Lets time pass; `watch` is called after each packet time. */
  run(ms: number, watch: () => void = () => undefined): void {
    const until = this.now + ms;
    while (this.now < until) {
      this.now += this.#packetMs;
      for (const [name, mouth] of this.#mouths) this.#packet(name, mouth);
      if (this.now % reportMs < this.#packetMs) this.#report();
      watch();
    }
  }

  #packet(name: string, mouth: Mouth): void {
    const level = mouth.talk(this.now);
    if (level === undefined) return;
    const paused = this.now - mouth.loudAt > pauseMs;
    mouth.loudAt = this.now;
    mouth.peak = Math.max(mouth.peak ?? level, level);
    if (paused) {
      mouth.beganAt = this.now;
      mouth.sustained = false;
    } else if (mouth.sustained || this.now - mouth.beganAt < wordMs) return;
    else mouth.sustained = true;
    this.#hear(new Map([[name, level]]), mouth.sustained);
  }

  #report(): void {
    const peaks = [...this.#mouths].flatMap(([name, { peak }]): [string, number][] =>
      peak === undefined ? [] : [[name, peak]],
    );
    for (const mouth of this.#mouths.values()) mouth.peak = undefined;
    this.#hear(new Map(peaks), false);
  }

  #hear(levels: ReadonlyMap<string, number>, sustained: boolean): void {
    const heard = this.ranking.map((voice) => {
      const level = levels.get(voice.publicationId);
      return level === undefined ? voice : spoke(voice, level, sustained, this.now);
    });
    this.ranking = settle(heard, this.places, this.now);
  }
}
