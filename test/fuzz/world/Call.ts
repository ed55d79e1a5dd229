import { loadReport } from '../../load/report.ts';
import { LoadProcess } from '../../support/LoadProcess.ts';
import { testSecret } from '../../support/testServer.ts';
import { waitFor } from '../../support/waitFor.ts';

/** With DTX off every stream always has packets. */
const longestGapMs = 1000;
const longestSeconds = 86_400;
const measures = new RegExp(` of ${longestSeconds} s`);

export interface CallReport {
  packets: number;
  lost: number;
  longestGapMs: number;
  problems: string[];
}

/** Two people who see and hear each other while the attack goes on, in a process of their own. */
export class Call {
  readonly #process: LoadProcess;

  static async begin(url: string): Promise<Call> {
    const call = new Call(url);
    try {
      await waitFor('the call to begin', () => measures.test(call.#process.stderr), { timeoutMs: 30_000 });
      return call;
    } catch (error) {
      call.#process.child.kill('SIGKILL');
      throw new Error(`the call does not begin: ${call.#process.stderr}`, { cause: error });
    }
  }

  private constructor(url: string) {
    this.#process = new LoadProcess([
      ...['--url', url, '--room', 'the-call', '--token-secret', testSecret, '--json'],
      ...['--publishers', '2', '--subscribers', '0', '--speakers', '2', '--no-dtx', '--seconds', `${longestSeconds}`],
    ]);
  }

  async end(): Promise<CallReport> {
    this.#process.child.kill('SIGINT');
    const { stdout, stderr } = await this.#process.outcome;
    if (stdout === '') return { packets: 0, lost: 0, longestGapMs: 0, problems: [`the call has broken: ${stderr}`] };
    const { packetsReceived, packetsLost, failures, streams } = loadReport.parse(JSON.parse(stdout));
    const gap = Math.max(...streams.map((stream) => stream.longestGapMs));
    const problems = Object.keys(failures).map((failure) => `the call: ${failure}`);
    if (packetsLost > 0) problems.push(`the call lost ${packetsLost} of ${packetsReceived} packets`);
    if (packetsReceived === 0 || streams.length < 4) problems.push(`the call has not been one: ${stderr}`);
    if (gap > longestGapMs) problems.push(`the call stood still for ${Math.round(gap)} ms`);
    return { packets: packetsReceived, lost: packetsLost, longestGapMs: gap, problems };
  }
}
