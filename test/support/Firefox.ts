import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Namespace } from './network/index.ts';

export type FirefoxOrder = { id: number } & (
  | { name: 'launch'; executablePath: string }
  | { name: 'open'; url: string; initScript: string | undefined }
  | { name: 'evaluate'; page: number; expression: string }
  | { name: 'closePage'; page: number }
  | { name: 'close' }
);
type Order = FirefoxOrder extends infer O ? (O extends { id: number } ? Omit<O, 'id'> : never) : never;
export type FirefoxAnswer = { id: number; result: unknown } | { id: number; error: string };
export type FirefoxNews = { problem: string; page: number };

const driver = fileURLToPath(new URL('firefoxDriver.ts', import.meta.url));
export const firefoxPath = process.env.PLENUM_FIREFOX ?? '/usr/bin/firefox-esr';

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * Firefox in a network namespace. It is driven by a process in there, because its debugging socket is on that
 * namespace's own loopback.
 */
export class Firefox {
  readonly #driver: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #pages = new Map<number, FirefoxPage>();
  #lastId = 0;

  static async launch(namespace: Namespace): Promise<Firefox> {
    const firefox = new Firefox(namespace);
    try {
      await firefox.order({ name: 'launch', executablePath: firefoxPath });
      return firefox;
    } catch (error) {
      await firefox.close();
      throw error;
    }
  }

  private constructor(namespace: Namespace) {
    this.#driver = namespace.spawn(process.execPath, [driver], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#driver.on('message', (message: FirefoxAnswer | FirefoxNews) => {
      if ('problem' in message) this.#pages.get(message.page)?.problems.push(message.problem);
      else this.#answered(message);
    });
    this.#driver.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the driver of Firefox has ended'));
    });
  }

  /** @param initScript runs in the page before its own scripts */
  async open(url: string, initScript?: string): Promise<FirefoxPage> {
    const number = Number(await this.order({ name: 'open', url, initScript }));
    const page = new FirefoxPage(this, number);
    this.#pages.set(number, page);
    return page;
  }

  order(order: Order): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#driver.send({ id, ...order });
    });
  }

  #answered(answer: FirefoxAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.result);
  }

  async close(): Promise<void> {
    if (!this.#driver.connected) return;
    await this.order({ name: 'close' }).catch(() => undefined);
    if (this.#driver.connected) this.#driver.disconnect();
  }
}

export class FirefoxPage {
  /** Errors in the console, uncaught exceptions and rejections. */
  readonly problems: string[] = [];
  readonly #firefox: Firefox;
  readonly #number: number;

  constructor(firefox: Firefox, number: number) {
    this.#firefox = firefox;
    this.#number = number;
  }

  /** Runs a function in the page. It must stand alone; argument and result go through JSON. */
  async evaluate<T, A = undefined>(fn: (argument: A) => T | Promise<T>, argument?: A): Promise<T> {
    const expression = `(${fn})(${JSON.stringify(argument) ?? ''})`;
    return (await this.#firefox.order({ name: 'evaluate', page: this.#number, expression })) as T;
  }
  async close(): Promise<void> {
    await this.#firefox.order({ name: 'closePage', page: this.#number });
  }
}
