import type { Figure } from './report.ts';

export interface ScenarioOptions {
  /** How often what is measured is repeated, where a scenario repeats something. */
  repeat: number;
  /** Tells the person in front of it what goes on. */
  say: (line: string) => void;
}

export interface Scenario {
  /** One line for --help. */
  about: string;
  /** What it consists of, in order; each can be run by itself. */
  /** Whether an aim that is not met is a failure (exit code 1). Default: false, for figures that depend on the machine. */
  decides?: boolean;
  parts: Record<string, (options: ScenarioOptions) => Promise<Figure[]>>;
}
