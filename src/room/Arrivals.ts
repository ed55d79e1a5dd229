import { isDeepStrictEqual } from 'node:util';
import { nanoid } from 'nanoid';
import type { Logger } from '../log.ts';
import { type Grants, PlenumError } from '../protocol/index.ts';
import { Participant } from './Participant.ts';
import { Places } from './Places.ts';
import type { Clock } from './ports.ts';
import type { Receivers } from './Receivers.ts';
import type { Recovery } from './Recovery.ts';
import type { RoomLimits, Visitor } from './RoomOptions.ts';
import type { RoomRoster } from './RoomRoster.ts';
import type { Rules } from './Rules.ts';
import { SharedCapabilities } from './SharedCapabilities.ts';

/**
 * So long after the join a microphone counts as coming in with it, in milliseconds. Who switches one on later has pressed a
 * button in order to be heard.
 */
const comingInMs = 5000;

const replacedMessage = 'you joined this room again elsewhere';

export interface ArrivalsOptions {
  clock: Clock;
  limits: Pick<RoomLimits, 'maxPublications' | 'maxHidden' | 'duplicateIdentities'>;
  rules: Rules;
  roster: RoomRoster;
  receivers: Receivers;
  recovery: Recovery;
  /** Somebody is there from now on; called before anything is made of what they receive. */
  met: (participant: Participant, visitor: Visitor) => void;
  /** All is made that was wanted. */
  joined: (participant: Participant) => void;
  /** What it may do here, which is not always what its token says. */
  grantsOf: (visitor: Visitor) => Grants;
  /** Asked again when the worker has answered. @throws PlenumError where this visitor may not come in, or has to wait */
  check: (visitor: Visitor) => void;
  log: Logger;
}

/** How people come into a room: who has a place, and what is made for them. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  /** Of those who are there, and of those whose join is being worked on. */
  readonly places = new Places();
  /** Who is hidden takes no place from others: nobody could say why the room is full. */
  readonly #seats = { seen: new Places(), hidden: new Places() };
  readonly #capabilities = new SharedCapabilities();
  /** Identities of those whose join is being worked on. */
  readonly #arriving = new Places();
  #visits = 0;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Whether nobody is there of whom others know, and nobody is coming. */
  get nobody(): boolean {
    return this.#seats.seen.taken + this.#arriving.taken === 0;
  }

  /** Whether a join of that identity is being worked on. */
  isArriving(identity: string): boolean {
    return this.#arriving.has(identity);
  }

  /** @throws PlenumError `room-full` */
  checkPlace({ identity, grants }: Pick<Visitor, 'identity' | 'grants'>): void {
    this.#checkRoom(this.#holderOf({ identity, visit: this.#visits + 1 }), grants.hidden);
  }

  /**
   * For somebody who is on the way.
   * @returns gives the place up
   * @throws PlenumError `room-full`
   */
  reserve({ identity, hidden }: Pick<Participant, 'identity' | 'hidden'>): () => void {
    const holder = this.#holderOf({ identity, visit: ++this.#visits });
    this.#checkRoom(holder, hidden);
    this.#take(holder, hidden);
    return () => this.#release(holder, hidden);
  }

  /** Of a visitor who may come in: the participant, both transports connected, and the consumers for the first view made. */
  async arrive(visitor: Visitor): Promise<Participant> {
    const visit = ++this.#visits;
    const { identity } = visitor;
    const holder = this.#holderOf({ identity, visit });
    const { hidden } = visitor.grants;
    this.#checkRoom(holder, hidden);
    this.#take(holder, hidden);
    this.#arriving.take(identity);
    try {
      return await this.#admit(visitor, visit);
    } finally {
      this.#release(holder, hidden);
      this.#arriving.release(identity);
    }
  }

  /** The participant has left. */
  left(participant: Participant): void {
    this.#release(this.#holderOf(participant), participant.hidden);
  }

  get #mayBeTwice(): boolean {
    return this.#options.limits.duplicateIdentities === 'allow';
  }

  /** Who holds a place: a person, or each of its visits. */
  #holderOf({ identity, visit }: Pick<Participant, 'identity' | 'visit'>): string {
    return this.#mayBeTwice ? `${identity}\n${visit}` : identity;
  }

  /** @throws PlenumError `room-full` */
  #checkRoom(holder: string, hidden: boolean): void {
    const { rules, limits } = this.#options;
    const most = hidden ? limits.maxHidden : rules.maxParticipants;
    if (this.#seatsOf(hidden).hasRoomFor(holder, most)) return;
    throw new PlenumError('room-full', `the room is full: it takes ${most} ${hidden ? 'hidden ' : ''}participants`);
  }

  #seatsOf(hidden: boolean): Places {
    return hidden ? this.#seats.hidden : this.#seats.seen;
  }

  #take(holder: string, hidden: boolean): void {
    this.places.take(holder);
    this.#seatsOf(hidden).take(holder);
  }

  #release(holder: string, hidden: boolean): void {
    this.places.release(holder);
    this.#seatsOf(hidden).release(holder);
  }

  async #admit(visitor: Visitor, visit: number): Promise<Participant> {
    const { roster, recovery, receivers, met, joined, log, clock, limits, rules, check, grantsOf } = this.#options;
    const { identity, displayName, link, params } = visitor;
    const { dtlsParameters } = params;
    const returning = !this.#mayBeTwice && roster.withIdentity(identity) !== undefined;
    const media = await recovery.place({ dtlsParameters, tcpOnly: false, returning });
    try {
      // The door may have been closed while the worker was busy, or somebody else be the host by now.
      check(visitor);
    } catch (error) {
      media.discard();
      throw error;
    }
    const grants = grantsOf(visitor);
    const participantId = nanoid();
    const cameAt = clock.now();
    const participant = new Participant({
      participantId,
      identity,
      tokenRoom: visitor.tokenRoom,
      visit,
      displayName,
      givenMetadata: visitor.metadata,
      metadata: params.metadata,
      grants,
      settings: () => rules.settings,
      startsMuted: () => rules.settings.startMuted && clock.now() - cameAt < comingInMs,
      joinedAt: clock.date(),
      capabilities: this.#capabilities.share(params.recvRtpCapabilities),
      dtlsParameters,
      maxPublications: limits.maxPublications,
      link,
      media,
      log: log.child({ participantId }),
    });
    this.#replaceFormerVisit(participant);
    receivers.add(participant, params);
    met(participant, visitor);
    this.#take(this.#holderOf(participant), participant.hidden);
    roster.entered(participant);
    try {
      await recovery.settle(participant);
    } catch (error) {
      participant.close('failed');
      throw error;
    }
    if (participant.closed) throw new PlenumError('closed', 'the participant is no longer in the room');
    // The welcome has told what the token says. They may have been changed once more meanwhile.
    const { grants: present } = participant;
    if (!isDeepStrictEqual(present, visitor.grants)) link.notify('grantsChanged', { grants: present });
    joined(participant);
    return participant;
  }

  /**
   * Somebody who comes twice, for example by a reload that was faster than the notice of leaving. The visit that began
   * later stays, also where the worker was done with it first.
   */
  #replaceFormerVisit(participant: Participant): void {
    const former = this.#mayBeTwice ? undefined : this.#options.roster.withIdentity(participant.identity);
    if (!former) return;
    (former.visit < participant.visit ? former : participant).dismiss('replaced', replacedMessage);
    if (participant.closed) throw new PlenumError('closed', replacedMessage);
  }
}
