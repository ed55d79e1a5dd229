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
  /** What should never have been. */
  violations: string[];
}

const lookEveryMs = 500;
/** Between two faults, and how long one lasts, in milliseconds. */
const calm = { least: 10_000, most: 20_000 };
const trouble = { least: 500, most: 3000 };

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
  readonly #expected: RegExp[] = [];
  #endsAt = 0;
  #faultIsOn = false;
  #lastFaultAt = 0;

  constructor(world: World, options: SoakOptions) {
    this.#world = world;
    this.#options = options;
    this.#invariants = new Invariants(() => world.present);
  }

  async run(): Promise<SoakReport> {
    const { seed, seconds, crowd: size } = this.#options;
    const { url } = this.#world.server;
    const crowd = await Crowd.gather(this.#world.place, { url, room: roomName, size, seed });
    this.#endsAt = Date.now() + seconds * 1000;
    try {
      const lives = this.#world.guests.map((guest, index) => this.#live(guest, new Dice(seed * 10 + index)));
      await Promise.all([...lives, this.#break(new Dice(seed)), this.#watch()]);
    } finally {
      await crowd.close();
    }
    const unexpected = (problem: string) => !this.#expected.some((pattern) => pattern.test(problem));
    const violations = [...this.#invariants.violations, ...this.#world.takeProblems().filter(unexpected)];
    return { seconds, seed, deeds: this.#deeds, faults: this.#faults, violations };
  }

  get #isOver(): boolean {
    return Date.now() >= this.#endsAt;
  }

  async #live(guest: World['guests'][number], dice: Dice): Promise<void> {
    while (!this.#isOver) {
      await pause(dice.between(500, 4000));
      const deed = pickDeed(dice);
      try {
        // Whoever could not come back when the server was away.
        if (!guest.isHere) await guest.enter();
        await deed.do(guest, dice);
        this.#deeds[deed.name] = (this.#deeds[deed.name] ?? 0) + 1;
      } catch (error) {
        // While something is broken, whoever asks for anything may be told so.
        if (this.#faultIsOn || Date.now() - this.#lastFaultAt < 10_000) continue;
        this.#violated(`${guest.name}, ${deed.name}`, error);
      }
    }
  }

  async #break(dice: Dice): Promise<void> {
    const { faults } = this.#options;
    while (!this.#isOver && faults.length > 0) {
      await pause(dice.between(calm.least, calm.most));
      if (this.#isOver) return;
      const fault = dice.pick(faults);
      this.#expected.push(...(fault.expected ?? []));
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
    const harm = await fault.apply(this.#world, dice);
    this.#options.say?.(`${new Date().toISOString()} ${fault.name}: ${harm.hit}`);
    const mustWait = fault.soak === 'over';
    if (mustWait) await this.#tellPages('wait');
    await pause(dice.between(trouble.least, trouble.most));
    await harm.heal();
    if (mustWait) await this.#tellPages('goOn');
    this.#faults[fault.name] = (this.#faults[fault.name] ?? 0) + 1;
  }

  /** Somebody may just be leaving; a page that comes later knows nothing of it. */
  async #tellPages(what: 'wait' | 'goOn'): Promise<void> {
    await Promise.allSettled(this.#world.present.map(({ page }) => page.evaluate((name) => window.soak[name](), what)));
  }

  #violated(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : error;
    this.#invariants.violations.push(`${new Date().toISOString()} ${what}: ${why}`);
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await this.#invariants.look(this.#faultIsOn);
      await pause(lookEveryMs);
    }
  }
}
