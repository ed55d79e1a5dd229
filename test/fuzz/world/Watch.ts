import type { Findings } from './Findings.ts';
import type { FuzzServer } from './FuzzServer.ts';

const intervalMs = 500;
const levels = { warn: 40, error: 50 };

/** Looks at the server twice a second: are its workers the same, has it logged an error, does it still answer? */
export class Watch {
  /** Lines of the log at level warn: how often each. */
  readonly warnings = new Map<string, number>();
  readonly #server: FuzzServer;
  readonly #findings: Findings;
  readonly #pids: readonly number[];
  #going = true;
  readonly #done: Promise<void>;

  static async begin(server: FuzzServer, findings: Findings): Promise<Watch> {
    const { pids } = await server.ask('state');
    return new Watch(server, findings, pids);
  }

  private constructor(server: FuzzServer, findings: Findings, pids: readonly number[]) {
    this.#server = server;
    this.#findings = findings;
    this.#pids = pids;
    this.#done = this.#go();
  }

  /** Looks once more. */
  async end(): Promise<void> {
    this.#going = false;
    await this.#done;
    await this.#look();
  }

  async #go(): Promise<void> {
    while (this.#going && this.#server.ended === undefined) {
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }

  async #look(): Promise<void> {
    const replied = this.#findings.reply(() => 'how are you?');
    try {
      const { pids, log } = await this.#server.ask('state');
      replied();
      if (pids.join() !== this.#pids.join()) this.#findings.add(`the workers were ${this.#pids} and are ${pids}`);
      for (const line of log) this.#read(line);
    } catch (error) {
      this.#findings.add(String(error));
    }
  }

  #read(line: Record<string, unknown>): void {
    if (Number(line.level) >= levels.error) this.#findings.add(`the server logged an error: ${JSON.stringify(line)}`);
    const text = String(line.msg).slice(0, 120);
    this.warnings.set(text, (this.warnings.get(text) ?? 0) + 1);
  }
}
