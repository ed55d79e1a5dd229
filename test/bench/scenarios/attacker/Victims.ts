import { type LoadReport, loadReport } from '../../../load/report.ts';
import { LoadProcess } from '../../../support/LoadProcess.ts';
import type { Namespace } from '../../../support/network/index.ts';
import { testSecret } from '../../../support/testServer.ts';
import { waitFor } from '../../../support/waitFor.ts';

export const victimsRoom = 'victims';

/** Two with camera and microphone, two with a microphone: all of them send sound all the time. */
const people = { publishers: 2, audioPublishers: 2 };
const longestSeconds = 3600;
const measures = new RegExp(` of ${longestSeconds} s`);

export interface VictimsReport {
  /** Packets of sound that should have come and have not, of all, 0 to 1. */
  audioLoss: number;
  audioPackets: number;
  /** The longest time in which one of them heard nothing of another, in milliseconds. */
  longestGapMs: number;
  /** What went wrong besides, and how often each. */
  failures: Record<string, number>;
}

/** A call that goes on, in a process of its own. */
export class Victims {
  readonly #process: LoadProcess;

  /** Resolves when all hear one another; what comes from then on counts. */
  static async begin(namespace: Namespace, url: string): Promise<Victims> {
    const victims = new Victims(namespace, url);
    await waitFor('the call to begin', () => measures.test(victims.#process.stderr), { timeoutMs: 30_000 });
    return victims;
  }

  private constructor(namespace: Namespace, url: string) {
    const args = [
      ...['--url', url, '--remote', '--room', victimsRoom, '--token-secret', testSecret, '--json', '--no-dtx'],
      ...['--publishers', `${people.publishers}`, '--audio-publishers', `${people.audioPublishers}`],
      ...['--subscribers', '0', '--speakers', '4', '--view', '2', '--seconds', `${longestSeconds}`],
    ];
    // Before the server, as if it were another machine.
    this.#process = new LoadProcess(args, { namespace, niceness: -10 });
  }

  async end(): Promise<VictimsReport> {
    this.#process.child.kill('SIGINT');
    const { stdout, stderr } = await this.#process.outcome;
    if (stdout === '') throw new Error(`the call failed: ${stderr}`);
    return heard(loadReport.parse(JSON.parse(stdout)));
  }
}

/** Who was thrown out has lost everything since; the streams do not say so, since nobody numbers what was never sent. */
function heard({ streams, failures, seconds }: LoadReport): VictimsReport {
  const all = people.publishers + people.audioPublishers;
  const sounds = streams.filter(({ kind }) => kind === 'audio');
  const packets = sounds.reduce((sum, stream) => sum + stream.packets, 0);
  const lost = sounds.reduce((sum, stream) => sum + stream.lost, 0);
  const gaps = sounds.map(({ longestGapMs }) => longestGapMs);
  const whole = sounds.length >= all * (all - 1) && Object.keys(failures).length === 0;
  return {
    audioLoss: packets + lost > 0 && whole ? lost / (packets + lost) : 1,
    audioPackets: packets,
    longestGapMs: whole ? Math.max(...gaps) : seconds * 1000,
    failures,
  };
}
