import { apiOperations } from '../../../src/protocol/api.ts';
import { requests } from '../../../src/protocol/index.ts';
import { moderation } from '../../../src/protocol/moderation.ts';

/** What a thing that was asked for came to: `ok`, or what it was refused with. */
export class Outcomes {
  readonly #counts = new Map<string, Map<string, number>>();

  add(name: string, outcome: string): void {
    const counts = this.#counts.get(name) ?? new Map<string, number>();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    this.#counts.set(name, counts);
  }

  get(name: string, outcome: string): number {
    return this.#counts.get(name)?.get(outcome) ?? 0;
  }

  /** By name, then by outcome. */
  get all(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([name, counts]) => [name, Object.fromEntries(counts)]));
  }
}

const actions = moderation.options.map(({ shape }) => shape.action.value);

/** Without a worker that dies, all that can be tried is told that nothing was interrupted; faults are for tests alone. */
const elsewise: Readonly<Record<string, string>> = { restorePublication: 'conflict', simulateFault: 'forbidden' };

/** What a request counts as: its name, and what it does where it does one of several things. */
export function nameOfRequest(name: string, params: unknown): string {
  if (!Object.hasOwn(requests, name)) return 'no request';
  const does: unknown = Reflect.get(Object(Reflect.get(Object(params), 'moderation')), 'action');
  const action = actions.find((each) => each === does);
  return name === 'moderate' && action ? nameOfAction(action) : name;
}

export function nameOfOperation(operation: string): string {
  return `api ${operation}`;
}

function nameOfAction(action: string): string {
  return `moderate: ${action}`;
}

/** From so many messages on each attack must have come to something. */
const some = 20_000;
/** And from so many on everything that there is: what needs somebody of a kind in a room of a kind comes seldom. */
const everything = 300_000;
const often: Readonly<Record<string, readonly string[]>> = {
  requests: [
    ...Object.keys(requests).filter((name) => name !== 'moderate'),
    ...['mute', 'unpublish', 'lock', 'settings', 'spotlight', 'admit'].map(nameOfAction),
  ],
  packets: ['a request among odd packets'],
  frames: ['a connection for frames'],
  http: ['an HTTP request', 'a session over polling'],
  api: ['listRooms', 'listBans'].map(nameOfOperation),
  tokens: ['a resume'],
  media: ['RTP', 'data'],
};
const sometimes: Readonly<Record<string, readonly string[]>> = {
  requests: actions.map(nameOfAction),
  api: Object.keys(apiOperations).map(nameOfOperation),
};

/**
 * What nothing has come of, in words: an attack that is always refused at the door tries nothing of what is behind it.
 *
 * @param attacks that were made
 * @param messages of all of them together
 */
export function neverDone(outcomes: Outcomes, attacks: readonly string[], messages: number): string[] {
  return attacks.flatMap((attack) =>
    [...(messages >= some ? (often[attack] ?? []) : []), ...(messages >= everything ? (sometimes[attack] ?? []) : [])]
      .filter((name) => outcomes.get(name, elsewise[name] ?? 'ok') === 0)
      .map((name) => `nothing has come of "${name}": ${JSON.stringify(outcomes.all[name] ?? 'never tried')}`),
  );
}
