import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from './chromium.ts';
import { DataPerson } from './DataPerson.ts';
import { buildSdkPage } from './SdkPerson.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './testServer.ts';

/** People with data and files in one browser, on one server for all tests of the file. */
export class DataStage {
  readonly #options: TestServerOptions;
  readonly #people: DataPerson[] = [];
  #server: TestServer | undefined;
  #browser: Browser | undefined;

  constructor(options: TestServerOptions) {
    this.#options = options;
  }

  get server(): TestServer {
    if (!this.#server) throw new Error('the stage has no server yet');
    return this.#server;
  }

  async open(): Promise<void> {
    this.#server = await startTestServer({ clientFolder: await buildSdkPage(), ...this.#options });
    this.#browser = await launchChromium();
  }

  /** @param url of another door to the server */
  async join(room: string, identity: string, url = this.server.url): Promise<DataPerson> {
    if (!this.#browser) throw new Error('the stage has no browser yet');
    const person = await DataPerson.join(this.#browser, { ...this.server, url }, { room, identity });
    this.#people.push(person);
    return person;
  }

  /** Ada, Bob and Cyd. */
  async three(room: string): Promise<{ ada: DataPerson; bob: DataPerson; cyd: DataPerson }> {
    const [ada, bob, cyd] = await Promise.all(['ada', 'bob', 'cyd'].map((identity) => this.join(room, identity)));
    if (!ada || !bob || !cyd) throw new Error('not everybody came');
    return { ada, bob, cyd };
  }

  /** Closes a page in which the test provokes errors; they are not looked at. */
  async dismiss(person: DataPerson): Promise<void> {
    this.#people.splice(this.#people.indexOf(person), 1);
    await person.close();
  }

  async clear(): Promise<void> {
    const told = this.#people.map(({ page }) => page.evaluate(() => [...window.sdk.problems]));
    const problems = (await Promise.all(told)).flat();
    for (const person of this.#people.splice(0)) await person.close();
    expect(problems).toEqual([]);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#server?.close();
  }
}

export function setDataStage(options: TestServerOptions = {}): DataStage {
  const stage = new DataStage(options);
  beforeAll(() => stage.open());
  afterEach(() => stage.clear());
  afterAll(() => stage.close());
  return stage;
}
