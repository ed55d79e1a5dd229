import {
  type Notice,
  type ParamsInput,
  PlenumError,
  plainGrants,
  type Result,
  requests,
  type SubscriptionStatus,
  type View,
} from '../../src/protocol/index.ts';
import type { Participant } from '../../src/room/Participant.ts';
import type { Room } from '../../src/room/Room.ts';
import type { RoomRegistry } from '../../src/room/RoomRegistry.ts';
import type { FakeLink, Received } from './FakeHall.ts';
import { FakeFailure } from './FakeObject.ts';
import { fakeDtlsParameters } from './fakeMedia.ts';
import { RoomReplica } from './RoomReplica.ts';

type Told = Result<'join'>['subscriptions'][number];

/**
 * One visit as the server sees it: does what signaling's handlers do with a connection, believes only what it is
 * told, and notes whatever a client could not make sense of.
 */
export class Attendee {
  readonly identity: string;
  readonly link: FakeLink;
  readonly problems: string[] = [];
  /** What it has been told that it receives, by subscription id. */
  readonly told = new Map<string, Told>();
  readonly started = new Set<string>();
  /** Subscriptions of which it knows that another one has come in their place. */
  readonly #replaced = new Set<string>();
  /** Called when its media were rebuilt. */
  onMediaReset: (() => void) | undefined;
  /** What it has been told last of each publication. */
  readonly statuses = new Map<string, SubscriptionStatus>();
  /** The highest layer that somebody wants of its publications, as it has been told. */
  readonly wantedLayers = new Map<string, number>();
  replica: RoomReplica | undefined;
  room: Room | undefined;
  participant: Participant | undefined;
  state: 'joining' | 'in' | 'gone' = 'joining';
  view: View;
  viewVersion = 0;
  /** In the order in which they were answered. */
  readonly published: string[] = [];
  readonly #everTold = new Set<string>();
  #seq = 0;

  constructor(identity: string, link: FakeLink, view: View) {
    this.identity = identity;
    this.link = link;
    this.view = view;
    link.onNotice = (received) => this.#hear(received);
  }

  /** In the room, and the server has not ended the visit. */
  get present(): Participant | undefined {
    return this.state === 'in' && this.participant && !this.participant.closed ? this.participant : undefined;
  }

  /** It was told what takes the place of something, and not yet that the former has ended. */
  get awaitsRemoval(): boolean {
    return this.#replaced.size > 0;
  }

  async join(registry: RoomRegistry, params: Pick<ParamsInput<'join'>, 'recvRtpCapabilities' | 'view'>): Promise<void> {
    await this.attempt('join', async () => {
      const parsed = requests.join.params.parse({ requestId: 'j', dtlsParameters: fakeDtlsParameters(), ...params });
      const room = registry.getOrCreate('room');
      const { identity, link } = this;
      const known = { identity, displayName: identity, metadata: {}, grants: plainGrants, host: false };
      const visitor = { ...known, tokenRoom: 'room' };
      const { participant, enter } = await room.join({ ...visitor, link, waits: () => undefined, params: parsed });
      if (this.state === 'gone') {
        participant.close('disconnected');
        return;
      }
      this.room = room;
      this.participant = participant;
      // Between the join and its answer lie some turns of the dispatcher.
      for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
      const answer = enter();
      this.state = 'in';
      this.replica = new RoomReplica(answer, this.problems);
      for (const subscription of answer.subscriptions) this.#take(subscription);
    });
    if (this.state === 'joining') this.state = 'gone';
  }

  /** The socket closes, whatever it was doing. */
  drop(reason: 'left' | 'disconnected'): void {
    const { participant, state } = this;
    this.state = 'gone';
    this.link.close();
    if (state === 'in') participant?.close(reason);
  }

  /** Requests fail with Plenum's errors, or where the test made the engine fail; nothing else may come out. */
  async attempt(what: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof PlenumError && error.code !== 'internal') return;
      if (error instanceof FakeFailure) return;
      this.problems.push(`${what} of ${this.identity} failed with ${error}`);
    }
  }

  #hear({ name, payload }: Received): void {
    if (payload !== null && typeof payload === 'object' && 'seq' in payload) {
      this.#seq += 1;
      if (payload.seq !== this.#seq) this.problems.push(`seq ${payload.seq} came instead of ${this.#seq}`);
    }
    if (name === 'subscriptionsAdded') this.#added(payload as Notice<'subscriptionsAdded'>);
    if (name === 'subscriptionsRemoved') this.#removed(payload as Notice<'subscriptionsRemoved'>);
    if (name === 'mediaReset') this.#mediaReset(payload as Notice<'mediaReset'>);
    if (name === 'subscriptionState') this.#states(payload as Notice<'subscriptionState'>);
    if (name === 'wantedLayers') this.#wanted(payload as Notice<'wantedLayers'>);
    if (name === 'roomChanged') this.#expectEntered(name)?.apply(payload as Notice<'roomChanged'>);
    if (name === 'quality') this.#expectEntered(name)?.applyQuality(payload as Notice<'quality'>);
    if (name === 'speakers') this.#expectEntered(name)?.applySpeakers(payload as Notice<'speakers'>);
    if (name === 'knownChanged') this.#expectEntered(name)?.applyKnown(payload as Notice<'knownChanged'>);
  }

  #mediaReset(notice: Notice<'mediaReset'>): void {
    const former = [...this.told.keys(), ...this.#replaced];
    this.told.clear();
    this.#replaced.clear();
    this.#expectEntered('mediaReset')?.resubscribed(notice, former);
    for (const subscription of notice.subscriptions) this.#take(subscription);
    this.onMediaReset?.();
  }

  #expectEntered(name: string): RoomReplica | undefined {
    if (!this.replica) this.problems.push(`${name} came before the answer to the join`);
    return this.replica;
  }

  #added({ subscriptions }: Notice<'subscriptionsAdded'>): void {
    this.#expectEntered('subscriptionsAdded')?.introduce(subscriptions);
    for (const subscription of subscriptions) {
      const { publication, participant } = subscription;
      if (publication.publicationId !== subscription.publicationId) this.problems.push('a stranger was described');
      if (publication.participantId !== participant.participantId)
        this.problems.push('another publisher was described');
      this.#take(subscription);
    }
  }

  #take(subscription: Told): void {
    const { subscriptionId, publicationId } = subscription;
    if (this.#everTold.has(subscriptionId)) this.problems.push(`${subscriptionId} was told twice`);
    for (const other of this.told.values()) {
      if (other.publicationId !== publicationId) continue;
      this.told.delete(other.subscriptionId);
      this.#replaced.add(other.subscriptionId);
    }
    this.#everTold.add(subscriptionId);
    this.told.set(subscriptionId, subscription);
  }

  #removed({ subscriptionIds }: Notice<'subscriptionsRemoved'>): void {
    this.#expectEntered('subscriptionsRemoved')?.unsubscribed(subscriptionIds);
    for (const id of subscriptionIds) {
      if (!this.#replaced.delete(id) && !this.told.delete(id))
        this.problems.push(`${id} was removed, of which nobody had told`);
    }
  }

  #wanted({ publications }: Notice<'wantedLayers'>): void {
    for (const { publicationId, maxSpatialLayer } of publications) {
      const own = this.participant?.publications.some((publication) => publication.publicationId === publicationId);
      if (!own) this.problems.push(`layers were wanted of ${publicationId}, which it does not publish`);
      this.wantedLayers.set(publicationId, maxSpatialLayer);
    }
  }

  #states({ states }: Notice<'subscriptionState'>): void {
    this.#expectEntered('subscriptionState');
    const receiving = new Set([...this.told.values()].map(({ publicationId }) => publicationId));
    for (const { publicationId, status } of states) {
      this.statuses.set(publicationId, status);
      const refused = status === 'cannot-decode';
      if (refused === receiving.has(publicationId)) {
        this.problems.push(`the state ${status} of ${publicationId} came, which is ${refused ? '' : 'not '}received`);
      }
    }
  }
}
