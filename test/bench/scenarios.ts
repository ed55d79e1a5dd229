import { firstFrame } from './firstFrame.ts';
import type { Figure } from './report.ts';

export interface ScenarioOptions {
  /** How often what is measured is repeated. */
  repeat: number;
  /** Tells the person in front of it what goes on. */
  say: (line: string) => void;
}

export interface Scenario {
  /** One line for --help. */
  about: string;
  /** What it consists of, in order; each can be run by itself. */
  parts: Record<string, (options: ScenarioOptions) => Promise<Figure[]>>;
}

/** All there is to measure, by the name that `npm run bench -- NAME` takes. */
export const scenarios: Record<string, Scenario> = {
  'first-frame': {
    about: 'from join() to the first frame, on loopback and over a bad line; memory of the server; time of npm start',
    parts: firstFrame,
  },
};
