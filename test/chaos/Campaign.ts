import { Dice } from './Dice.ts';
import type { Fault } from './Fault.ts';
import { World, type WorldOptions } from './world/World.ts';

/** One fault that happened once. */
export interface Run {
  fault: string;
  seed: number;
  /** What was hit; empty where it did not come so far. */
  hit: string;
  /** Whose picture stood still for longest; empty likewise. */
  worst: string;
  figures: Record<string, number>;
  /** Why it counts as failed, whatever the figures say; empty: it does not. */
  problems: string[];
}

/** Faults one after the other in the same world; after a failed run the next one gets a new world. */
export class Campaign {
  readonly #options: WorldOptions;
  #world: World | undefined;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
  }

  async run(fault: Fault, seed: number): Promise<Run> {
    const run: Run = { fault: fault.name, seed, hit: '', worst: '', figures: {}, problems: [] };
    try {
      this.#world ??= await World.open({ ...this.#options, seed });
      await this.#strike(this.#world, fault, run);
    } catch (error) {
      run.problems.push(error instanceof Error ? error.message : String(error));
    }
    if (run.problems.length > 0) await this.close();
    return run;
  }

  async #strike(world: World, fault: Fault, run: Run): Promise<void> {
    await world.untilCalm();
    const before = await world.visits();
    const meter = await world.measureGaps();
    const harm = await fault.apply(world, new Dice(run.seed, fault.name));
    run.hit = harm.hit;
    try {
      run.figures = await harm.measure(meter);
    } finally {
      await harm.heal();
    }
    await world.untilCalm();
    run.worst = await meter.worst();
    if (fault.keepsVisits) run.problems.push(...changes(before, await world.visits()));
    const unexpected = (problem: string) => !fault.expected?.some((pattern) => pattern.test(problem));
    run.problems.push(...world.takeProblems().filter(unexpected));
  }

  /** Takes the world down. The next run makes another one. */
  async close(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.close();
  }
}

function changes(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).flatMap((name) =>
    before[name] === after[name] ? [] : [`the visit of ${name} was ${before[name]} and is ${after[name]}`],
  );
}
