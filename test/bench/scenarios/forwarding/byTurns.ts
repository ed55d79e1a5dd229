import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import {
  type Crowd,
  type Forwarder,
  measureWindow,
  pause,
  type StartForwarder,
  settleMs,
  type Window,
} from './Forwarder.ts';

export interface Measured {
  name: string;
  windows: Window[];
}

export interface Turns extends Crowd {
  /** Each of those that are compared is measured so often, by turns: what else the machine does hits all alike. */
  rounds: number;
  windowMs: number;
}

/** Starts all, measures one after the other in several rounds, and ends them. */
export async function byTurns(
  starts: readonly StartForwarder[],
  context: LoadContext,
  { rounds, windowMs, ...crowd }: Turns,
): Promise<Measured[]> {
  const forwarders: Forwarder[] = [];
  try {
    for (const start of starts) forwarders.push(await start(context, crowd));
    await pause(settleMs);
    const measured = forwarders.map(({ name }): Measured => ({ name, windows: [] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, forwarder] of forwarders.entries()) {
        measured[index]?.windows.push(await measureWindow(forwarder, windowMs));
      }
    }
    return measured;
  } finally {
    for (const forwarder of forwarders) await forwarder.close();
  }
}
