import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Calls from the benchmark to a process that it has started, over the channel between the two. */

interface Call<B> {
  id: number;
  body: B;
}

type Answer = { id: number; data: unknown } | { id: number; error: string };

/** The calling side. */
export class Calls<B> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (data: unknown) => void; reject: (error: Error) => void }>();
  #last = 0;

  /** @param what the process is, for the error when it ends too early */
  static async to<B, Ready>(child: ChildProcess, what: string): Promise<{ calls: Calls<B>; ready: Ready }> {
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${what} has ended`);
    });
    const [ready] = await Promise.race([once(child, 'message'), ended]);
    // From here on an end is close()'s doing, or fails the calls.
    ended.catch(() => undefined);
    return { calls: new Calls<B>(child, what), ready };
  }

  private constructor(child: ChildProcess, what: string) {
    this.#process = child;
    child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.data);
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${what} has ended`));
      this.#waiting.clear();
    });
  }

  async call<T>(body: B): Promise<T> {
    this.#last += 1;
    const id = this.#last;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#process.send({ id, body } satisfies Call<B>);
    // Both ends of this channel are the benchmark's.
    return (await answered) as T;
  }

  /** Resolves when the process has ended. */
  async close(): Promise<void> {
    if (!this.#process.connected) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }
}

/** The side of the process: says that it is ready, answers, and ends when the benchmark does. */
export function answerCalls<B>(ready: unknown, answer: (body: B) => Promise<unknown>, end: () => void): void {
  const reply = (message: Answer) => process.send?.(message);
  process.on('message', ({ id, body }: Call<B>) => {
    answer(body).then(
      (data) => reply({ id, data }),
      (error) => reply({ id, error: String(error) }),
    );
  });
  process.on('disconnect', () => {
    end();
    process.exit();
  });
  process.send?.(ready);
}
