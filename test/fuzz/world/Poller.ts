import { z } from 'zod';

/** What is odd ends a session soon: after so many requests there is another one. */
const usesEach = 5;
const path = '/socket.io/?EIO=4&transport=polling';
const opened = z.object({ sid: z.string() });

/** Sessions of engine.io over polling, one after the other, each of somebody with a good token. */
export class Poller {
  readonly #url: string;
  readonly #token: string;
  #sid: string | undefined;
  #uses = 0;
  /** Sessions in which the server has let its bearer in. */
  entered = 0;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Of the session that there is now. */
  async sid(): Promise<string> {
    if (this.#sid === undefined || this.#uses % usesEach === 0) {
      await this.close();
      this.#sid = await this.#open();
    }
    this.#uses += 1;
    return this.#sid;
  }

  /** Says goodbye, if the server still knows the session. */
  async close(): Promise<void> {
    if (this.#sid !== undefined) await this.#post(this.#sid, '1');
    this.#sid = undefined;
  }

  async #open(): Promise<string> {
    const answer = await fetch(`${this.#url}${path}`);
    const { sid } = opened.parse(JSON.parse((await answer.text()).slice(1)));
    await this.#post(sid, `40${JSON.stringify({ token: this.#token })}`);
    const heard = await fetch(`${this.#url}${path}&sid=${sid}`);
    if ((await heard.text()).startsWith('40')) this.entered += 1;
    return sid;
  }

  async #post(sid: string, body: string): Promise<void> {
    const answer = await fetch(`${this.#url}${path}&sid=${sid}`, { method: 'POST', body });
    await answer.text();
  }
}
