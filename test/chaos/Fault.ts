import type { Dice } from './Dice.ts';
import type { GapMeter } from './world/GapMeter.ts';
import type { World } from './world/World.ts';

/** Something that goes wrong in a call of three. How to add one: README.md in this folder. */
export interface Fault {
  /** As `--fault` takes it, for example `worker-killed`. */
  readonly name: string;
  /** What happens, in a few words. */
  readonly what: string;
  /** How often it happens: in `npm test` (0: not yet), and with `--full`. */
  readonly times: { readonly quick: number; readonly full: number };
  /**
   * Whether it may happen in a soak: pictures must be back within 5 s of when it began, or of when it is `over`, where
   * nothing can come before.
   */
  readonly soak?: 'begun' | 'over';
  /** What is measured each time, and what it should be. */
  readonly figures: Readonly<Record<string, Aim>>;
  /** Everybody's visit and publications go on: the same ids as before, and no camera is opened again. Default: false. */
  readonly keepsVisits?: boolean;
  /** Problems in consoles and logs that belong to it; any other one fails the run. */
  readonly expected?: readonly RegExp[];
  /** Does the harm: called in a calm call. */
  apply(world: World, dice: Dice): Promise<Harm>;
}

export interface Aim {
  readonly unit: 'ms' | '%';
  /** Of fewer than 20 values the median must be as good. */
  readonly p95?: number;
  /** Of each value. */
  readonly max?: number;
  /** Of each value in `npm test` instead of the aim, where one run in some misses the aim: worse than this is a defect. */
  readonly line?: number;
}

/** A fault that is going on. */
export interface Harm {
  /** What was hit, for the report. */
  readonly hit: string;
  /** Waits for as much as there is to see, and gives a value for each figure. It may heal in the middle. */
  measure(meter: GapMeter): Promise<Record<string, number>>;
  /** Ends it; also called when measuring has failed, so it may be the second time. */
  heal(): Promise<void>;
}

export const nothingToHeal = async (): Promise<void> => undefined;
