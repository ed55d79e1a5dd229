import type { ChatMessage, Notice, Result, ResumePoint, RoomSnapshot, SubscriptionInfo } from '../protocol/index.ts';
import { type Activity, qualityOf } from './Activity.ts';
import type { ChatHistory } from './ChatHistory.ts';
import type { DataRelay } from './DataRelay.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';
import type { Receivers } from './Receivers.ts';
import { RecentDeltas } from './RecentDeltas.ts';
import { mayMove } from './Redirects.ts';
import type { RoomRoster } from './RoomRoster.ts';
import type { Rules } from './Rules.ts';
import type { Spotlight } from './Spotlight.ts';

/** What everybody has heard since somebody lost touch. */
export interface Missed {
  deltas: Notice<'roomChanged'>[];
  chat: ChatMessage[];
}

export interface OutlookOptions {
  room: string;
  clock: Clock;
  roster: RoomRoster;
  rules: Rules;
  spotlight: Spotlight;
  receivers: Receivers;
  activity: Activity;
  chat: ChatHistory;
  data: DataRelay;
}

/** The room as one participant is to see it: when it enters, and when it comes back after its connection broke. */
export class Outlook {
  readonly #options: OutlookOptions;
  readonly #deltas = new RecentDeltas();

  constructor(options: OutlookOptions) {
    this.#options = options;
  }

  /** Everybody is being told this. */
  told(delta: Notice<'roomChanged'>): void {
    this.#deltas.add(delta);
  }

  /** The room, and who and what stands behind subscriptions that it leaves out. */
  of(
    participant: Participant,
    subscriptions: readonly Pick<SubscriptionInfo, 'publicationId'>[],
  ): Pick<Notice<'snapshot'>, 'room' | 'introduced'> {
    const { roster, rules, spotlight, activity, chat, clock, room } = this.#options;
    const introduced = roster.unseen(subscriptions.map(({ publicationId }) => publicationId));
    const snapshot: RoomSnapshot = {
      room,
      now: clock.date(),
      ...roster.snapshotFor(participant),
      ...rules.told,
      spotlight: [...spotlight.identities],
      ofMainRoom: mayMove(participant, room, room),
      speakers: activity.speakers,
      chat: chat.messages,
    };
    return { room: snapshot, ...(introduced.publications.length > 0 && { introduced }) };
  }

  /** For the answer to its join; what is received begins to count with it. */
  entered(participant: Participant): Result<'join'> {
    const subscriptions = participant.subscriptions.open();
    return {
      participantId: participant.participantId,
      sendTransport: participant.sendTransport.info,
      recvTransport: participant.recvTransport.info,
      subscriptions,
      ...this.of(participant, subscriptions),
    };
  }

  /** Undefined where not all of it is kept. */
  missed({ info }: Participant, { revision, chatId }: ResumePoint): Missed | undefined {
    const { roster, chat } = this.#options;
    const deltas = this.#deltas.since(revision, roster.revision);
    return deltas && { deltas, chat: chat.since(chatId, info.joinedAt) };
  }

  /** Sends a participant's client something that means nothing, and that it acknowledges if it lives. */
  probe({ participantId }: Participant): void {
    this.#options.data.probe(participantId);
  }

  snapshot(participant: Participant): Omit<Notice<'snapshot'>, 'seq'> {
    const received = this.#options.receivers.receivedBy(participant);
    return { grants: participant.grants, ...this.of(participant, received.subscriptions), ...received };
  }

  /** Tells a participant what changes so often that no past of it is kept. */
  tellPresent({ link, subscriptions }: Participant): void {
    const { roster, activity } = this.#options;
    const known = roster.participants.filter(
      (each) =>
        !roster.isUnseen(each) ||
        each.publications.some(({ publicationId }) => subscriptions.consumerOf(publicationId) !== undefined),
    );
    link.tell('speakers', { speakers: activity.speakers });
    link.tell('quality', qualityOf(known));
  }
}
