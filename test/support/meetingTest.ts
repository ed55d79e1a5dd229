import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { test as base } from 'vitest';
import { type ChromiumOptions, launchChromium } from './chromium.ts';
import { Person, type PersonOptions } from './Person.ts';
import { Relay } from './Relay.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './testServer.ts';

const clientFolder = fileURLToPath(new URL('../../client-demo/dist', import.meta.url));

interface Where {
  /** Default: one that the people of the test share. */
  browser?: Browser;
  /** Default: the server's own address. */
  url?: string;
}

/** What a test of a meeting needs; all that it made is closed after it, and any problem in any log fails it. */
export interface Meeting {
  server: TestServer;
  serve(options?: TestServerOptions): Promise<TestServer>;
  browser(options?: ChromiumOptions): Promise<Browser>;
  /** A door of the server that can be shut. */
  relay(): Promise<Relay>;
  /** Opens the meeting page and joins. */
  join(options: PersonOptions & Where): Promise<Person>;
  /** Opens the meeting page only. */
  open(options: PersonOptions & Where): Promise<Person>;
  /** The test provokes problems: at least one for each pattern, and none besides. */
  expectProblems(...patterns: RegExp[]): void;
}

class MeetingFixture implements Meeting {
  readonly #people: Person[] = [];
  readonly #browsers: Browser[] = [];
  readonly #relays: Relay[] = [];
  readonly #expected: RegExp[] = [];
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

  async relay(): Promise<Relay> {
    const relay = await Relay.to(await this.#url());
    this.#relays.push(relay);
    return relay;
  }

  async join(options: PersonOptions & Where): Promise<Person> {
    const person = await Person.join(await this.#browserFor(options), options.url ?? (await this.#url()), options);
    this.#people.push(person);
    return person;
  }

  async open(options: PersonOptions & Where): Promise<Person> {
    const person = await Person.open(await this.#browserFor(options), options.url ?? (await this.#url()), options);
    this.#people.push(person);
    return person;
  }

  expectProblems(...patterns: RegExp[]): void {
    this.#expected.push(...patterns);
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
    for (const relay of this.#relays) await relay.close();
    await this.#server?.app.close();
    const logged = this.#server?.problems.splice(0) ?? [];
    const problems = [
      ...this.#people.flatMap((person) => person.problems),
      ...logged.map((line) => `server: ${JSON.stringify(line)}`),
    ];
    const unexpected = problems.filter((problem) => !this.#expected.some((pattern) => pattern.test(problem)));
    if (unexpected.length > 0) throw new Error(`problems in pages or server:\n${unexpected.join('\n')}`);
    const missing = this.#expected.filter((pattern) => !problems.some((problem) => pattern.test(problem)));
    if (missing.length > 0) throw new Error(`problems that did not come: ${missing.join(', ')}`);
  }

  #browserFor({ browser }: Where): Promise<Browser> {
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
