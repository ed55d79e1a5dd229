import { type Namespace, Network } from '../../support/network/index.ts';
import { waitFor } from '../../support/waitFor.ts';
import { ChaosServer } from './ChaosServer.ts';
import { type Gap, GapMeter, readGaps } from './GapMeter.ts';
import { Guest } from './Guest.ts';
import { Home, serverAddress } from './Home.ts';
import { extraName } from './names.ts';

export interface WorldOptions {
  /** Default: three. */
  names?: readonly string[];
  /** Of the server, beside those that every chaos test gives. */
  serverArgs?: readonly string[];
  /** Decides which packets are lost. Default: 1. */
  seed?: number;
  /** Whether the pages watch their tiles as a soak wants it. Default: false. */
  soak?: boolean;
}

/** A picture or a sound that is older has stopped, in milliseconds; with DTX a silent voice sends one packet in 400 ms. */
const fresh = { video: 1000, audio: 1500 };
/** So long the call must be calm in a row, in milliseconds: what has just stopped still looks fresh. */
const lasting = 1200;

/** The real server and a few people in a call, each in a network of their own. All of it is gone after `close()`. */
export class World {
  readonly server: ChaosServer;
  readonly guests: readonly Guest[];
  readonly #network: Network;
  /** Where the server runs; from here it is reached without anything between. */
  readonly place: Namespace;

  /** Resolves when everybody sees and hears everybody. */
  static async open({
    names = ['Ada', 'Bob', 'Eve'],
    serverArgs,
    seed = 1,
    soak = false,
  }: WorldOptions = {}): Promise<World> {
    const network = new Network();
    try {
      const place = network.namespace('server');
      place.addAddress(`${serverAddress}/24`);
      const server = new ChaosServer(place, serverArgs);
      const guests: Guest[] = [];
      for (const [index, name] of names.entries()) {
        guests.push(new Guest(name, await Home.build(network, place, name, seed * 100 + index), server.url, soak));
      }
      const world = new World(network, place, server, guests);
      await server.start();
      for (const guest of guests) await guest.enter();
      await world.untilCalm();
      return world;
    } catch (error) {
      network.close();
      throw error;
    }
  }

  private constructor(network: Network, place: Namespace, server: ChaosServer, guests: readonly Guest[]) {
    this.#network = network;
    this.place = place;
    this.server = server;
    this.guests = guests;
  }

  /** Those who have a page in the call. */
  get present(): Guest[] {
    return this.guests.filter(({ isHere }) => isHere);
  }

  /** Everybody but one. */
  without(guest: Guest): Guest[] {
    return this.present.filter((other) => other !== guest);
  }

  measureGaps(): Promise<GapMeter> {
    return GapMeter.start(() => this.present);
  }

  /** Waits until everybody who is here sees and hears everybody else, and knows of no other guest. */
  async untilCalm(timeoutMs = 40_000): Promise<void> {
    let missing: readonly string[] = [];
    let calmSince: number | undefined;
    try {
      await waitFor(
        'a calm call',
        async () => {
          missing = await this.unrest();
          if (missing.length > 0) calmSince = undefined;
          else calmSince ??= Date.now();
          return calmSince !== undefined && Date.now() - calmSince >= lasting;
        },
        { timeoutMs, intervalMs: 100 },
      );
    } catch (error) {
      const problems = this.takeProblems().map((problem) => `\n  ${problem}`);
      throw new Error(`no calm: ${missing.join(', ')}${problems.join('')}`, { cause: error });
    }
  }

  /** What is not as it should be in a call without faults, in words. */
  async unrest(): Promise<string[]> {
    const { present } = this;
    const gaps = await readGaps(present);
    const stopped = gaps.filter(({ kind, sinceMs }) => sinceMs > fresh[kind]);
    const ever = new Set(gaps.map(({ kind, viewer, publisher }) => `${kind} ${viewer} ${publisher}`));
    const never = present.flatMap(({ name: viewer }) =>
      present
        .filter(({ name }) => name !== viewer)
        .flatMap(({ name }) => ['video', 'audio'].map((kind) => `${kind} ${viewer} ${name}`))
        .filter((pair) => !ever.has(pair)),
    );
    return [
      ...(await Promise.all(stopped.map((gap) => this.#explain(gap)))),
      ...never.map((pair) => `never came: ${pair}`),
      ...(await this.strangers()),
    ];
  }

  /** With what the viewer's SDK says of it: for example that the line is too narrow. */
  async #explain({ kind, viewer, publisher }: Gap): Promise<string> {
    const guest = this.present.find(({ name }) => name === viewer);
    const says = await guest?.page.evaluate(
      ([name, wanted]) => {
        const { participants, state } = window.plenum;
        const person = [...participants.values()].find(({ displayName }) => displayName === name);
        const publication = [...(person?.publications.values() ?? [])].find((each) => each.kind === wanted);
        return `${state}, ${publication?.status ?? 'not published'}, page ${document.visibilityState}`;
      },
      [publisher, kind],
    );
    return `${viewer} gets no ${kind} of ${publisher} (${says})`;
  }

  /** Whose list of people is not the list of those who are here. */
  async strangers(): Promise<string[]> {
    const names = this.present.map(({ name }) => name).sort();
    const lists = await Promise.all(this.present.map(rosterOf));
    return this.present.flatMap(({ name }, index) => {
      const list = (lists[index] ?? []).filter((listed) => !listed.startsWith(extraName));
      return list.join() === names.join() ? [] : [`${name} knows of ${list.join(' and ')}`];
    });
  }

  /** By name: the ids of the visit and of what is published, and how often the camera was opened. */
  async visits(): Promise<Record<string, string>> {
    const { present } = this;
    const told = await Promise.all(
      present.map(({ page }) =>
        page.evaluate(() => {
          const { local } = window.plenum;
          const publications = [...(local?.publications.values() ?? [])].map(({ publicationId }) => publicationId);
          return [local?.participantId, ...publications.toSorted(), `${window.cameraAsked} x camera`].join(' ');
        }),
      ),
    );
    return Object.fromEntries(present.map(({ name }, index) => [name, told[index] ?? '']));
  }

  /** Everything that went wrong in pages and server since it was last asked. */
  takeProblems(): string[] {
    return [...this.server.takeProblems(), ...this.guests.flatMap((guest) => guest.takeProblems())];
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.guests.map((guest) => guest.close()));
      await this.server.stop();
    } finally {
      this.#network.close();
    }
  }
}

/** The names that a page lists, its own included, sorted. */
export async function rosterOf({ page }: Guest): Promise<string[]> {
  return page.evaluate(() => {
    const { local, participants } = window.plenum;
    const names = [...participants.values()].map(({ displayName }) => displayName);
    return [...(local ? [local.displayName] : []), ...names].sort();
  });
}
