import { LeanClient } from '../../bench/load/LeanClient.ts';
import { createContext } from '../../load/meeting/LoadMeeting.ts';
import { type LoadContext, LoadParticipant } from '../../load/meeting/LoadParticipant.ts';
import { signedTokens } from '../../load/meeting/tokens.ts';
import { fakeCamera, fakeMicrophone } from '../../support/fakeMedia.ts';
import { testSecret } from '../../support/testServer.ts';
import { waitFor } from '../../support/waitFor.ts';
import { pause } from '../pause.ts';
import { type Holdings, type Memory, VisitServer } from './VisitServer.ts';

export interface VisitsReport {
  visits: number;
  seconds: number;
  /** Everything that is not where it was, in words. */
  left: string[];
  /** After the warm-up, and after all. */
  before: Memory;
  after: Memory;
}

/** Of one wave: with media that flows, and without any. */
const wave = { real: 4, lean: 16 };
const waveSize = wave.real + wave.lean;
const rooms = 3;
const token = signedTokens(testSecret);

/**
 * Weeks of use: so many join, publish, receive one another and go, some with a word and some without. As many as
 * `warmUp` before the first look, so that heaps have grown and code is compiled.
 */
export async function visit(
  count: number,
  { warmUp, say = () => undefined }: { warmUp: number; say?: (line: string) => void },
): Promise<VisitsReport> {
  const context = await createContext();
  const server = await VisitServer.start();
  try {
    const visitors = new Visitors(server, context);
    await visitors.come(warmUp);
    await emptied(server);
    const holdings = await settled(server);
    const before = await restful(server);
    const began = performance.now();
    for (let done = 0; done < count; done += 1000) {
      await visitors.come(Math.min(1000, count - done));
      const { heap, node, workers } = await server.memory();
      const memory = `heap ${heap.toFixed(1)} MB, RSS of Node ${node.toFixed(1)} MB, of the workers ${workers.toFixed(1)} MB`;
      say(
        `${Math.min(count, done + 1000)} visits after ${Math.round((performance.now() - began) / 1000)} s: ${memory}`,
      );
    }
    const seconds = (performance.now() - began) / 1000;
    await emptied(server);
    const left = await leftBehind(server, holdings);
    return { visits: count, seconds, left, before, after: await restful(server) };
  } finally {
    await server.close();
  }
}

/** Those who come and go, a wave at a time. */
class Visitors {
  readonly #server: VisitServer;
  readonly #context: LoadContext;
  #waves = 0;

  constructor(server: VisitServer, context: LoadContext) {
    this.#server = server;
    this.#context = context;
  }

  async come(count: number): Promise<void> {
    for (let begun = 0; begun < count; begun += waveSize) {
      this.#waves += 1;
      const size = Math.min(waveSize, count - begun);
      const people = Array.from({ length: size }, (_, index) =>
        index < wave.real ? this.#withMedia(index) : this.#lean(index),
      );
      const goodbyes = await Promise.all(people);
      await Promise.all(goodbyes.map((goodbye) => goodbye()));
    }
  }

  #identity(index: number): { room: string; identity: string } {
    return { room: `visits-${this.#waves % rooms}`, identity: `visitor-${this.#waves}-${index}` };
  }

  /** A load client that sends and receives; it says goodbye. */
  async #withMedia(index: number): Promise<() => Promise<void>> {
    const { room, identity } = this.#identity(index);
    const { url } = this.#server;
    const participant = await LoadParticipant.join(this.#context, {
      url,
      token: await token(room, identity),
      view: 'auto',
    });
    await participant.publishAudio();
    if (index % 2 === 0) await participant.publishVideo();
    return () => participant.close();
  }

  /** Publishes what never comes, and goes without a word. */
  async #lean(index: number): Promise<() => Promise<void>> {
    const { room, identity } = this.#identity(index);
    const client = await LeanClient.connect(this.#server.url, await token(room, identity));
    await client.join();
    if (index % 3 === 0) await client.request('publish', fakeMicrophone('sound'));
    if (index % 5 === 0) await client.request('publish', fakeCamera('picture'));
    return async () => client.close();
  }
}

const patience = { timeoutMs: 60_000, intervalMs: 250 };

async function emptied(server: VisitServer): Promise<void> {
  const isEmpty = async () => {
    const { participants, sockets, rooms: open } = await server.holdings();
    return participants + sockets + open.length === 0;
  };
  await waitFor('an empty server', isEmpty, patience);
}

/** When it has not changed for some seconds: what was just left may still have a timer that is about to end. */
async function settled(server: VisitServer): Promise<Holdings> {
  let holdings = await server.holdings();
  let same = 0;
  let changed: string[] = [];
  const isStill = async () => {
    const now = await server.holdings();
    const differs = differences(holdings, now);
    same = differs.length === 0 ? same + 1 : 0;
    if (differs.length > 0) changed = differs;
    holdings = now;
    return same >= 20;
  };
  await waitFor('a server that stays as it is', isStill, patience).catch((cause: unknown) => {
    throw new Error(`the empty server does not come to rest: ${changed.join('; ')}`, { cause });
  });
  return holdings;
}

/** Memory that was just freed is given back a little later. */
async function restful(server: VisitServer): Promise<Memory> {
  await server.memory();
  await pause(2000);
  return server.memory();
}

/** What differs from before; a timer may be about to end, so it has some seconds. */
async function leftBehind(server: VisitServer, before: Holdings): Promise<string[]> {
  let left: string[] = [];
  const same = async () => {
    left = differences(before, await server.holdings());
    return left.length === 0;
  };
  await waitFor('what was there before', same, { timeoutMs: 15_000, intervalMs: 250 }).catch((error: unknown) => {
    // It is the report's to say what it is that stays.
    if (left.length === 0) throw error;
  });
  return left;
}

function differences(before: Holdings, after: Holdings): string[] {
  const keys = Object.keys(before) as (keyof Holdings)[];
  return keys.flatMap((key) => {
    const [was, is] = [JSON.stringify(before[key]), JSON.stringify(after[key])];
    return was === is ? [] : [`${key}: was ${was}, is ${is}`];
  });
}
