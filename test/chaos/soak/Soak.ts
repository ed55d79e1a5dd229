import { Dice } from '../Dice.ts';
import type { Fault } from '../Fault.ts';
import { pause } from '../pause.ts';
import { roomName } from '../world/names.ts';
import { World } from '../world/World.ts';
import { Crowd } from './Crowd.ts';
import { pickDeed } from './deeds.ts';
import { Invariants } from './Invariants.ts';

export interface SoakOptions {
  seconds: number;
  seed: number;
  /** Load clients beside the four browsers. */
  crowd: number;
  /** What happens meanwhile, one at a time. */
  faults: readonly Fault[];
  say?: (line: string) => void;
}

export interface SoakReport {
  seconds: number;
  seed: number;
  /** How often each was done, and each fault happened. */
  deeds: Record<string, number>;
  faults: Record<string, number>;
  /** How many load clients were there on average. */
  crowd: number;
  /** What should never have been. */
  violations: string[];
}

const lookEveryMs = 500;
/** Between two faults, and how long one lasts, in milliseconds. */
const calm = { least: 10_000, most: 20_000 };
const trouble = { least: 500, most: 3000 };
/** So long after a fault it may still be felt, in milliseconds. */
const aftermathMs = 5000;
/** Whoever waits longer for what they asked for is stuck. */
const deedMs = 45_000;

/** Four browsers and a crowd that do whatever people do, while things break; and what must hold all the time. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const world = await World.open({ names: ['Ada', 'Bob', 'Eve', 'Dan'], seed: options.seed, soak: true });
  try {
    return await new Soak(world, options).run();
  } finally {
    await world.close();
  }
}

class Soak {
  readonly #world: World;
  readonly #options: SoakOptions;
  readonly #invariants: Invariants;
  readonly #deeds: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};
  /** What consoles and logs may say about the last fault. */
  #expected: readonly RegExp[] = [];
  #endsAt = 0;
  #over: Promise<void> = Promise.resolve();
  #faultIsOn = false;
  #lastFault = 'no fault yet';
  #lastFaultAt = 0;

  constructor(world: World, options: SoakOptions) {
    this.#world = world;
    this.#options = options;
    this.#invariants = new Invariants(() => world.present, {
      isOn: () => this.#faultIsOn,
      feltSince: (then) => this.#isFelt(then),
      last: () => this.#lastFault,
    });
  }

  async run(): Promise<SoakReport> {
    const { seed, seconds, crowd: size } = this.#options;
    const { url } = this.#world.server;
    const crowd = await Crowd.gather(this.#world.place, { url, room: roomName, size, seed });
    this.#endsAt = Date.now() + seconds * 1000;
    this.#over = pause(seconds * 1000);
    try {
      const lives = this.#world.guests.map((guest, index) => this.#live(guest, new Dice(seed * 10 + index)));
      await Promise.all([...lives, this.#break(new Dice(seed)), this.#watch()]);
      if (!crowd.isThere) this.#violated('the crowd', 'has ended');
    } finally {
      await crowd.close();
    }
    this.#takeProblems();
    const { violations } = this.#invariants;
    return { seconds, seed, deeds: this.#deeds, faults: this.#faults, crowd: crowd.averageSize, violations };
  }

  get #isOver(): boolean {
    return Date.now() >= this.#endsAt;
  }

  async #live(guest: World['guests'][number], dice: Dice): Promise<void> {
    while (!this.#isOver) {
      await pause(dice.between(500, 4000));
      const deed = pickDeed(dice);
      const began = Date.now();
      const acting = this.#act(guest, () => deed.do(guest, dice));
      try {
        await inTime(acting);
        this.#deeds[deed.name] = (this.#deeds[deed.name] ?? 0) + 1;
      } catch (error) {
        // What was begun while something is broken, or is felt still, may be refused.
        if (!this.#isFelt(began)) this.#violated(`${guest.name}, ${deed.name}`, error);
        // However late it is, nobody does two things at once.
        await Promise.race([acting.catch(() => undefined), this.#over]);
      }
    }
  }

  async #act(guest: World['guests'][number], deed: () => Promise<void>): Promise<void> {
    // Whoever could not come back when the server was away.
    if (!guest.isHere) await guest.enter();
    await deed();
  }

  /** Whether a fault is on, or was on or still felt at any time since then (milliseconds since 1970). */
  #isFelt(then: number): boolean {
    return this.#faultIsOn || then < this.#lastFaultAt + aftermathMs;
  }

  async #break(dice: Dice): Promise<void> {
    const { faults } = this.#options;
    while (!this.#isOver && faults.length > 0) {
      await pause(dice.between(calm.least, calm.most));
      if (this.#isOver) return;
      const fault = dice.pick(faults);
      this.#takeProblems();
      this.#expected = fault.expected ?? [];
      this.#faultIsOn = true;
      await this.#strike(fault, dice).catch((error: unknown) => {
        this.#violated(fault.name, error);
      });
      this.#lastFaultAt = Date.now();
      // Everybody has as long to be back as a fault may take.
      await pause(3000);
      this.#faultIsOn = false;
    }
  }

  async #strike(fault: Fault, dice: Dice): Promise<void> {
    this.#lastFaultAt = Date.now();
    this.#lastFault = `${new Date().toISOString()} ${fault.name}`;
    const harm = await fault.apply(this.#world, dice);
    this.#lastFault += `: ${harm.hit}`;
    this.#options.say?.(this.#lastFault);
    const mustWait = fault.soak === 'over';
    if (mustWait) await this.#tellPages('wait');
    await pause(dice.between(trouble.least, trouble.most));
    await harm.heal();
    if (mustWait) await this.#tellPages('goOn');
    this.#faults[fault.name] = (this.#faults[fault.name] ?? 0) + 1;
  }

  #takeProblems(): void {
    const expected = this.#isFelt(Date.now()) ? this.#expected : [];
    for (const problem of this.#world.takeProblems()) {
      if (!expected.some((pattern) => pattern.test(problem))) this.#violated('a console or log', problem);
    }
  }

  /** Somebody may just be leaving; a page that comes later knows nothing of it. */
  async #tellPages(what: 'wait' | 'goOn'): Promise<void> {
    await Promise.allSettled(this.#world.present.map(({ page }) => page.evaluate((name) => window.soak[name](), what)));
  }

  #violated(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : error;
    this.#invariants.violated(`${what}: ${why}`);
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await this.#invariants.look();
      this.#takeProblems();
      await pause(lookEveryMs);
    }
  }
}

async function inTime(deed: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`takes longer than ${deedMs} ms`)), deedMs);
  // Where it is late, it may still fail.
  deed.catch(() => undefined);
  await Promise.race([deed, late.promise]).finally(() => clearTimeout(timer));
}
