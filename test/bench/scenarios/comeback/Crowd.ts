import { performance } from 'node:perf_hooks';
import { backoffMs, slowAfterMs } from '../../../../src/client/backoff.ts';
import { PlenumError } from '../../../../src/protocol/index.ts';
import { LeanClient } from '../../load/LeanClient.ts';
import type { BenchServer } from '../../server/BenchServer.ts';
import { inBatches, pause } from '../forwarding/Forwarder.ts';

/** How many come at a time where they are not to come all at once. */
const batch = 20;
/** As the SDK has it. */
const requestTimeoutMs = 10_000;
const connectTimeoutMs = 5000;

export interface Return {
  /** From the moment in which all were cut off to the answer to the join that was taken. */
  joinedMs: number;
  attempts: number;
}

/** Many people in rooms of a few, who lose their connections all at once and come back as the SDK does. */
export class Crowd {
  readonly #server: BenchServer;
  readonly #tokens: string[];
  /** Why attempts failed, and how many of each. */
  readonly refusals = new Map<string, number>();
  #clients: LeanClient[] = [];

  static async gather(server: BenchServer, people: number, perRoom: number): Promise<Crowd> {
    const tokens = await Promise.all(
      Array.from({ length: people }, (_, n) => server.token(`room-${Math.floor(n / perRoom)}`, `person-${n}`)),
    );
    const crowd = new Crowd(server, tokens);
    crowd.#clients = await inBatches(people, batch, (n) => crowd.#visit(tokens[n] ?? ''));
    return crowd;
  }

  private constructor(server: BenchServer, tokens: string[]) {
    this.#server = server;
    this.#tokens = tokens;
  }

  /** Ends all connections at once, and has everybody come back. */
  async comeBack(): Promise<Return[]> {
    const cutAt = performance.now();
    for (const client of this.#clients.splice(0)) client.close();
    return Promise.all(this.#tokens.map((token) => this.#return(token, cutAt)));
  }

  close(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }

  /** As Attempts in src/client. */
  async #return(token: string, cutAt: number): Promise<Return> {
    let retryAfterMs = 0;
    for (let attempt = 0; ; attempt += 1) {
      const reached = await this.#reach(token, { cutAt, attempt, notBefore: performance.now() + retryAfterMs });
      attempt = reached.attempt;
      try {
        this.#clients.push(await join(reached.client));
        return { joinedMs: performance.now() - cutAt, attempts: attempt + 1 };
      } catch (error) {
        this.#refused(error);
        retryAfterMs = (error instanceof PlenumError && error.retryAfterMs) || 0;
      }
    }
  }

  /** An opening that is slow goes on beside the next one; the first that is through ends the others. */
  async #reach(
    token: string,
    { cutAt, attempt: from, notBefore }: { cutAt: number; attempt: number; notBefore: number },
  ) {
    const given = new AbortController();
    let client: LeanClient | undefined;
    let startedAt = performance.now();
    for (let attempt = from; ; attempt += 1) {
      const now = performance.now();
      await pause(Math.max(0, startedAt + backoffMs(attempt, now - cutAt) - now, notBefore - now));
      if (!client) {
        startedAt = performance.now();
        const signal = AbortSignal.any([given.signal, AbortSignal.timeout(connectTimeoutMs)]);
        const opening = LeanClient.connect(this.#server.url, token, signal).then(
          (opened) => {
            if (client) opened.close();
            else client = opened;
          },
          (error: unknown) => {
            if (!client) this.#refused(error);
          },
        );
        await Promise.race([opening, pause(slowAfterMs())]);
      }
      if (!client) continue;
      given.abort();
      return { client, attempt };
    }
  }

  #refused(error: unknown): void {
    const code = error instanceof PlenumError ? error.code : 'disconnected';
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  async #visit(token: string): Promise<LeanClient> {
    return join(await LeanClient.connect(this.#server.url, token));
  }
}

async function join(client: LeanClient): Promise<LeanClient> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new PlenumError('timeout', 'no answer to the join')), requestTimeoutMs);
  try {
    await Promise.race([client.join(), late.promise]);
    return client;
  } catch (error) {
    client.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
