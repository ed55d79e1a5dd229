import { createLog } from '../../src/log.ts';
import { type Grants, type ParamsInput, plainGrants, requests } from '../../src/protocol/index.ts';
import type { RoomLimits, Visitor } from '../../src/room/RoomOptions.ts';
import { RoomRegistry, type RoomRegistryOptions } from '../../src/room/RoomRegistry.ts';
import { FakeClock } from './FakeClock.ts';
import { usualDataLimits } from './FakeDataBus.ts';
import { FakeHall, type FakeLink } from './FakeHall.ts';
import type { FakePlacesOptions } from './FakePlaces.ts';
import { FakeEngine } from './fakeEngine.ts';
import { fakeCamera, fakeCapabilities, fakeDtlsParameters, fakeMicrophone } from './fakeMedia.ts';

const usualLimits = {
  maxParticipants: 200,
  maxHidden: 10,
  fullRoster: 100,
  changeIntervalMs: 100,
  duplicateIdentities: 'replace' as const,
  maxPublications: 16,
  autoViewVideos: 25,
  dynacast: true,
  hiddenGraceMs: 10_000,
  maxSubscriptions: 1000,
  audioSpeakers: 6,
  chatHistory: 200,
  roomGraceMs: 5000,
  emptyRoomMs: 60_000,
  data: usualDataLimits,
};

/** A registry on fakes, whose engine can be told to let operations wait. */
export class Lobby {
  readonly clock = new FakeClock();
  readonly hall = new FakeHall();
  readonly logged: string[] = [];
  readonly engine: FakeEngine;
  readonly registry: RoomRegistry;
  #held: { what: string; done: (error?: Error) => void }[] = [];
  #holds: RegExp | undefined;

  constructor(
    limits: Partial<RoomLimits> = {},
    places: FakePlacesOptions = {},
    server: Pick<RoomRegistryOptions, 'maxRooms' | 'maxServerParticipants' | 'roomCreation' | 'roomSettings'> = {},
  ) {
    this.engine = new FakeEngine({ ...places, operation: (what) => this.#operation(what) });
    this.registry = new RoomRegistry({
      ...server,
      engine: this.engine,
      announcer: this.hall,
      clock: this.clock,
      limits: { ...usualLimits, ...limits },
      log: createLog({ level: 'warn', format: 'json' }, { write: (line: string) => void this.logged.push(line) }),
    });
  }

  /** From now on operations of that name wait for `release()` or `fail()`. */
  hold(what: RegExp): void {
    this.#holds = what;
  }

  get held(): string[] {
    return this.#held.map(({ what }) => what);
  }

  /** Lets those that wait go on, oldest first or the one of that index, and what comes of them happen. */
  async release(index?: number): Promise<void> {
    const released = index === undefined ? this.#held.splice(0) : this.#held.splice(index, 1);
    for (const { done } of released) done();
    await settled();
  }

  /** Lets those that wait fail. */
  async fail(error = new Error('the worker refused')): Promise<void> {
    for (const { done } of this.#held.splice(0)) done(error);
    await settled();
  }

  /** @param more what is not as it is with most visitors */
  async join(
    identity: string,
    params: Partial<ParamsInput<'join'>> = {},
    link: FakeLink = this.hall.link(),
    grants: Partial<Grants> = {},
    { room: name = 'room', ...more }: Partial<Omit<Visitor, 'grants'>> & { room?: string } = {},
  ) {
    const room = this.registry.getOrCreate(name);
    const { participant, enter } = await room.join({
      identity,
      displayName: identity,
      metadata: {},
      grants: { ...plainGrants, ...grants },
      host: false,
      link,
      tokenRoom: name,
      waits: () => undefined,
      params: requests.join.params.parse({
        requestId: 'j',
        recvRtpCapabilities: fakeCapabilities(),
        dtlsParameters: fakeDtlsParameters(),
        ...params,
      }),
      ...more,
    });
    return { room, participant, link, answer: enter() };
  }

  #operation(what: string): Promise<void> {
    if (!this.#holds?.test(what)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#held.push({ what, done: (error) => (error ? reject(error) : resolve()) });
    });
  }
}

/** Everything that only waits for promises has happened. */
export async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

export const camera = () => requests.publish.params.parse(fakeCamera('c'));
export const microphone = () => requests.publish.params.parse(fakeMicrophone('m'));
