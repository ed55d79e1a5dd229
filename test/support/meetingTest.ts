import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { test as base } from 'vitest';
import { type ChromiumOptions, launchChromium } from './chromium.ts';
import { Person, type PersonOptions } from './Person.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './testServer.ts';

const clientFolder = fileURLToPath(new URL('../../client-demo/dist', import.meta.url));

/** What a test of a meeting needs; all that it made is closed after it, and any problem in any log fails it. */
export interface Meeting {
  server: TestServer;
  serve(options?: TestServerOptions): Promise<TestServer>;
  browser(options?: ChromiumOptions): Promise<Browser>;
  /** Opens the meeting page and joins, in a browser that is shared by the test. */
  join(options: PersonOptions & { browser?: Browser }): Promise<Person>;
  /** Opens the meeting page only. */
  open(options: PersonOptions & { browser?: Browser }): Promise<Person>;
  /** Takes off problems that the test provoked. */
  forgive(pattern: RegExp): void;
}

class MeetingFixture implements Meeting {
  readonly #people: Person[] = [];
  readonly #browsers: Browser[] = [];
  readonly #forgiven: RegExp[] = [];
  #server: TestServer | undefined;
  #shared: Promise<Browser> | undefined;

  get server(): TestServer {
    if (!this.#server) throw new Error('call serve() first');
    return this.#server;
  }

  async serve(options?: TestServerOptions): Promise<TestServer> {
    this.#server = await startTestServer({ clientFolder, ...options });
    return this.#server;
  }

  async browser(options?: ChromiumOptions): Promise<Browser> {
    const browser = await launchChromium(options);
    this.#browsers.push(browser);
    return browser;
  }

  async join(options: PersonOptions & { browser?: Browser }): Promise<Person> {
    const person = await Person.join(await this.#browserFor(options), await this.#url(), options);
    this.#people.push(person);
    return person;
  }

  async open(options: PersonOptions & { browser?: Browser }): Promise<Person> {
    const person = await Person.open(await this.#browserFor(options), await this.#url(), options);
    this.#people.push(person);
    return person;
  }

  forgive(pattern: RegExp): void {
    this.#forgiven.push(pattern);
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
    await this.#server?.close();
    const problems = this.#people
      .flatMap((person) => person.problems)
      .filter((problem) => !this.#forgiven.some((pattern) => pattern.test(problem)));
    if (problems.length > 0) throw new Error(`problems in the pages:\n${problems.join('\n')}`);
  }

  #browserFor({ browser }: { browser?: Browser }): Promise<Browser> {
    if (browser) return Promise.resolve(browser);
    this.#shared ??= this.browser();
    return this.#shared;
  }

  async #url(): Promise<string> {
    return (this.#server ?? (await this.serve())).url;
  }
}

export const test = base.extend<{ meeting: Meeting }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures are needed
  meeting: async ({}, use) => {
    const meeting = new MeetingFixture();
    try {
      await use(meeting);
    } finally {
      await meeting.close();
    }
  },
});
