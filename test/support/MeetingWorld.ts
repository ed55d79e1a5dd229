import { createLog } from '../../src/log.ts';
import { requests, type View } from '../../src/protocol/index.ts';
import type { Actor } from '../../src/room/Actor.ts';
import type { RoomLimits } from '../../src/room/RoomOptions.ts';
import { RoomRegistry } from '../../src/room/RoomRegistry.ts';
import { Attendee } from './Attendee.ts';
import { FakeClock } from './FakeClock.ts';
import { usualDataLimits } from './FakeDataBus.ts';
import { FakeHall } from './FakeHall.ts';
import type { FakePlacesOptions } from './FakePlaces.ts';
import { FakeEngine } from './fakeEngine.ts';
import { fakeAudioParameters, fakeCapabilities, fakeVideoParameters } from './fakeMedia.ts';
import { publishParams, type Step } from './meetingSteps.ts';

export interface WorldOptions {
  /** Waits for the worker to have done something. */
  operation: (what: string) => Promise<void>;
  /** Lets the worker do everything that it has been asked for. */
  idle: () => Promise<void>;
  /** Lets the worker do some of it. */
  next: (count: number) => Promise<void>;
  /** What differs from the usual limits. */
  limits?: Partial<RoomLimits>;
  /** Default: one worker for all. */
  places?: FakePlacesOptions;
}

const usualLimits: RoomLimits = {
  maxParticipants: 4,
  maxHidden: 10,
  fullRoster: 100,
  changeIntervalMs: 100,
  duplicateIdentities: 'replace',
  maxPublications: 3,
  autoViewVideos: 3,
  dynacast: true,
  audioSpeakers: 1,
  hiddenGraceMs: 8000,
  maxSubscriptions: 1000,
  chatHistory: 5,
  roomGraceMs: 1000,
  emptyRoomMs: 60_000,
  data: usualDataLimits,
};

const application: Actor = { kind: 'application', name: 'the application' };

const sizes = [
  { width: 160, height: 90 },
  { width: 640, height: 360 },
  { width: 1920, height: 1080 },
];

/** The domain with fakes at its ports, and the people who use it. */
export class MeetingWorld {
  readonly clock = new FakeClock();
  readonly hall = new FakeHall();
  readonly engine: FakeEngine;
  readonly registry: RoomRegistry;
  readonly attendees: Attendee[] = [];
  /** All publication ids, in the order in which they came to be. */
  readonly published: string[] = [];
  readonly logged: string[] = [];
  /** Whether somebody's connection may be too narrow for what is wanted. */
  scarce = false;
  /** Whether an operation of the engine has failed. */
  failed = false;
  /** Ids of all participants who have spoken. */
  readonly spoke = new Set<string>();
  readonly limits: RoomLimits;
  readonly #options: WorldOptions;
  #requests = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.limits = { ...usualLimits, ...options.limits };
    this.engine = new FakeEngine({
      ...options.places,
      operation: async (what) => {
        try {
          await options.operation(what);
        } catch (error) {
          this.failed = true;
          throw error;
        }
      },
    });
    this.registry = new RoomRegistry({
      engine: this.engine,
      announcer: this.hall,
      clock: this.clock,
      limits: this.limits,
      log: createLog({ level: 'warn', format: 'json' }, { write: (line: string) => void this.logged.push(line) }),
    });
  }

  get present(): Attendee[] {
    return this.attendees.filter((attendee) => attendee.present);
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'join':
        return this.#join(step);
      case 'resolve':
        return this.#options.next(step.count);
      case 'wait':
        return this.clock.advance(step.ms);
      case 'failRouter':
        return pick(this.engine.routers, step.which)?.fail();
      case 'speak':
        return this.#speak(step);
      case 'score':
        return pick(this.engine.producers, step.which)?.tellScore(step.score);
      case 'flow':
        return pick(this.engine.consumers, step.which)?.tellState({
          layers: step.flows ? { spatialLayer: 0, temporalLayer: 2 } : undefined,
          producerSends: true,
        });
      case 'estimate':
        this.scarce = true;
        return this.#measure(pick(this.present, step.who), step.bitsPerSecond);
      case 'settings':
        for (const room of this.registry.rooms) room.changeSettings(step.changes, application);
        return;
      case 'spotlight':
        return this.#spotlight(step.identities);
      case 'drop':
        // Whoever is there or on the way.
        return pick(this.attendees.filter(isNotGone), step.who)?.drop('disconnected');
      default:
        return this.#runFor(step);
    }
  }

  /**
   * Lets everything come to rest: the worker, the promises, and the news that wait for their time; not yet what left a
   * view a moment ago.
   */
  async settle(stepMs = 300): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await this.#options.idle();
      await new Promise(setImmediate);
      this.clock.advance(stepMs);
    }
    await this.#options.idle();
    await new Promise(setImmediate);
  }

  /**
   * Long enough for what waits for a second try, for what left a view to be gone, and, on the best of connections, for
   * what was held back to be back.
   */
  async settleForGood(): Promise<void> {
    for (let second = 0; second < 50; second += 1) {
      for (const attendee of this.present) this.#measure(attendee, 100_000_000);
      this.clock.advance(1000);
    }
    this.scarce = false;
    await this.settle(70_000);
    await this.settle();
  }

  /** Of those named who are there. */
  async #spotlight(named: readonly string[]): Promise<void> {
    for (const room of this.registry.rooms) {
      const there = new Set(room.participants.map(({ identity }) => identity));
      const identities = named.filter((identity) => there.has(identity));
      await room.moderation.act(application, { action: 'spotlight', identities });
    }
  }

  #measure(attendee: Attendee | undefined, bitsPerSecond: number): void {
    const own = this.engine.transports.find((transport) => transport === attendee?.participant?.recvTransport);
    own?.tellEstimate(bitsPerSecond);
  }

  #speak({ which, level, how }: Extract<Step, { do: 'speak' }>): void {
    const [router] = this.engine.routers;
    const audio = this.engine.producers.filter(({ kind }) => kind === 'audio');
    const producer = pick(audio, which);
    if (!router || !producer) return;
    const { producerId } = producer;
    const people = this.registry.rooms.flatMap(({ participants }) => participants);
    const speaker = people.find(({ publications }) => publications.some((each) => each.producer === producer));
    if (speaker) this.spoke.add(speaker.participantId);
    router.tellLevels([{ producerId, level }]);
    if (how === 'on') router.tellLoud([{ producerId, level }]);
    else router.tellOnset({ producerId, level, sustained: how === 'sustained' });
  }

  #join({ identity, av1, view }: Extract<Step, { do: 'join' }>): void {
    const parsed = this.#view(view);
    const attendee = new Attendee(identity, this.hall.link(), parsed);
    attendee.onMediaReset = () => this.#restore(attendee);
    this.attendees.push(attendee);
    const recvRtpCapabilities = fakeCapabilities(av1 ? ['VP8', 'AV1'] : ['VP8']);
    void attendee.join(this.registry, { recvRtpCapabilities, view: parsed });
  }

  #runFor(
    step: Extract<Step, { do: 'leave' | 'start' | 'publish' | 'unpublish' | 'mute' | 'view' | 'hand' | 'silent' }>,
  ): void {
    const attendee = pick(
      this.attendees.filter(({ state }) => state === 'in'),
      step.who,
    );
    if (!attendee) return;
    void attendee.attempt(step.do, () => this.#request(attendee, step));
  }

  async #request(attendee: Attendee, step: Parameters<MeetingWorld['run']>[0]): Promise<unknown> {
    const { participant, room } = attendee;
    if (!participant || !room) return undefined;
    this.#requests += 1;
    const requestId = `r${this.#requests}`;
    switch (step.do) {
      case 'leave':
        return attendee.drop('left');
      case 'start': {
        const waiting = [...attendee.told.values()].filter((told) => told.waiting);
        const subscriptionIds = waiting.map(({ subscriptionId }) => subscriptionId);
        for (const id of subscriptionIds) attendee.started.add(id);
        return participant.subscriptions.start([...subscriptionIds, 'unknown']);
      }
      case 'publish':
        return this.#publish(attendee, requests.publish.params.parse(publishParams(requestId, step)));
      case 'unpublish':
        return participant.unpublish(pick(attendee.published, step.which) ?? 'unknown');
      case 'mute': {
        const publicationId = pick(attendee.published, step.which) ?? 'unknown';
        return participant.updatePublication({ requestId, publicationId, muted: step.muted });
      }
      case 'view': {
        const view = this.#view(step.view);
        const version = attendee.viewVersion + 1 - step.age;
        room.setView(participant, { version, view });
        attendee.viewVersion = version;
        attendee.view = view;
        return undefined;
      }
      case 'hand':
        return participant.raiseHand(step.on ? this.clock.now() : null);
      case 'silent':
        return participant.setSilent(step.on);
      default:
        return undefined;
    }
  }

  async #publish(attendee: Attendee, params: Parameters<NonNullable<Attendee['participant']>['publish']>[0]) {
    const publication = await attendee.participant?.publish(params);
    if (!publication) return;
    attendee.published.push(publication.publicationId);
    this.published.push(publication.publicationId);
  }

  /** As a client does: what the worker took along is sent again. */
  #restore(attendee: Attendee): void {
    const { participant } = attendee;
    for (const { live, publicationId, kind, muted, info } of participant?.publications ?? []) {
      if (live) continue;
      const rtpParameters =
        kind === 'audio' ? fakeAudioParameters() : fakeVideoParameters(3, info.codec === 'av1' ? 'AV1' : 'VP8');
      const params = { requestId: 'restore', publicationId, rtpParameters, muted };
      void attendee.attempt('restore', () => participant?.restorePublication(params));
    }
  }

  #view(picked: 'auto' | number[]): View {
    if (picked === 'auto') return 'auto';
    const ids = new Set(picked.map((index) => pick(this.published, index) ?? 'unknown'));
    const videos = [...ids].map((publicationId, index) => ({
      publicationId,
      ...(pick(sizes, index) ?? { width: 1, height: 1 }),
      ...(index % 2 === 0 && { priority: index + 1 }),
    }));
    return { videos };
  }
}

function isNotGone({ state }: Attendee): boolean {
  return state !== 'gone';
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}
