import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../../support/network/index.ts';
import { Calls } from '../calls.ts';
import type { Arrival, CrewOptions, MemberOptions } from './Crew.ts';

export type CrewCall =
  | ({ do: 'join' } & MemberOptions)
  | { do: 'speak' | 'hush'; identity: string }
  | { do: 'expect'; speaker: string }
  | { do: 'arrivals' };

const program = fileURLToPath(new URL('crewProcess.ts', import.meta.url));

/** A crew in a process of its own, here or in a namespace; see Crew.ts. */
export class RemoteCrew {
  readonly #calls: Calls<CrewCall>;

  static async start(options: CrewOptions, namespace?: Namespace): Promise<RemoteCrew> {
    const args = [program, JSON.stringify(options)];
    const settings = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as const };
    const child = namespace
      ? namespace.spawn(process.execPath, args, { stdio: [...settings.stdio] })
      : spawn(process.execPath, args, { stdio: [...settings.stdio] });
    const { calls } = await Calls.to<CrewCall, unknown>(child, 'the crew');
    return new RemoteCrew(calls);
  }

  private constructor(calls: Calls<CrewCall>) {
    this.#calls = calls;
  }

  join(member: MemberOptions): Promise<string> {
    return this.#calls.call({ do: 'join', ...member });
  }

  speak(identity: string): Promise<number> {
    return this.#calls.call({ do: 'speak', identity });
  }

  hush(identity: string): Promise<void> {
    return this.#calls.call({ do: 'hush', identity });
  }

  expect(speaker: string): Promise<void> {
    return this.#calls.call({ do: 'expect', speaker });
  }

  arrivals(): Promise<Arrival[]> {
    return this.#calls.call({ do: 'arrivals' });
  }

  close(): Promise<void> {
    return this.#calls.close();
  }
}
