import type { ChatMessage, LeaveReason, Result } from '../protocol/index.ts';
import { Activity } from './Activity.ts';
import { ChatHistory, chatMessage } from './ChatHistory.ts';
import { DataRelay } from './DataRelay.ts';
import { Faults } from './Faults.ts';
import { Hosts } from './Hosts.ts';
import { Outlook } from './Outlook.ts';
import type { Participant } from './Participant.ts';
import { PersonalNews } from './PersonalNews.ts';
import { Present } from './Present.ts';
import { Receivers } from './Receivers.ts';
import { Recovery } from './Recovery.ts';
import { RoomMedia } from './RoomMedia.ts';
import type { RoomOptions, Visitor } from './RoomOptions.ts';
import { RoomRoster } from './RoomRoster.ts';
import { Rules } from './Rules.ts';
import { Spotlight } from './Spotlight.ts';

export interface RoomPartsOptions extends RoomOptions {
  /** What its participants listen to. */
  channel: string;
  /** Its worker has gone, and none is found in its place. */
  gaveUp: (participant: Participant) => void;
  /** The room's settings have changed. */
  ruled: ConstructorParameters<typeof Rules>[0]['changed'];
  /** The room's time is over. */
  over: () => void;
}

/** What a room is made of for those who are in it: who is there, what each sends and receives, what all are told. */
export class RoomParts {
  readonly roster: RoomRoster;
  readonly rules: Rules;
  readonly spotlight: Spotlight;
  readonly hosts: Hosts;
  readonly media: RoomMedia;
  readonly receivers: Receivers;
  readonly recovery: Recovery;
  readonly activity: Activity;
  readonly chat: ChatHistory;
  readonly data: DataRelay;
  readonly present = new Present();
  readonly outlook: Outlook;
  readonly faults: Faults;
  readonly #news: PersonalNews;
  readonly #options: RoomPartsOptions;

  constructor(options: RoomPartsOptions) {
    this.#options = options;
    const { announcer, channel, clock, engine, limits, log } = options;
    this.chat = new ChatHistory(limits.chatHistory);
    this.data = new DataRelay({ clock, limits: limits.data, log });
    this.#news = new PersonalNews(clock, this.present, (participant) => this.roster.isUnseen(participant));
    this.roster = new RoomRoster({
      clock,
      fullRoster: limits.fullRoster,
      changeIntervalMs: limits.changeIntervalMs,
      announce: (delta) => {
        this.outlook.told(delta);
        announcer.announce(channel, 'roomChanged', delta);
      },
      changedUnseen: (participant) => this.#news.changed(participant),
      isSpotlit: (identity) => this.spotlight.placeOf(identity) !== undefined,
    });
    this.spotlight = new Spotlight({
      clock,
      isThere: (identity) => this.roster.allWithIdentity(identity).some(({ hidden }) => !hidden),
      changed: (concerned, by) => {
        this.roster.spotlit(concerned, { spotlight: [...this.spotlight.identities], ...(by && { by }) });
        this.receivers.reordered();
      },
    });
    this.hosts = new Hosts({
      ...options,
      roster: this.roster,
      acted: (deed) => options.events.emit('moderated', { ...deed, room: options.name }),
    });
    this.rules = new Rules({
      ...options,
      tell: (change) => this.roster.tell(change),
      changed: options.ruled,
    });
    this.media = new RoomMedia({
      engine,
      clock,
      listener: {
        failed: (routerId) => this.recovery.lost(routerId),
        onset: (onset) => this.receivers.audience.onset(onset),
        loud: (levels) => this.receivers.audience.loud(levels),
        levels: (levels) => this.activity.heard(levels),
      },
      log,
    });
    this.receivers = new Receivers({
      roster: this.roster,
      media: this.media,
      clock,
      settings: limits,
      spotlit: (identity) => this.spotlight.placeOf(identity),
    });
    this.recovery = new Recovery({
      clock,
      roster: this.roster,
      receivers: this.receivers,
      media: this.media,
      data: this.data,
      gaveUp: options.gaveUp,
    });
    this.faults = new Faults(engine, this.recovery);
    this.activity = new Activity({
      clock,
      roster: this.roster,
      present: this.present,
      tellSpeakers: (notice) => announcer.announce(channel, 'speakers', notice),
      tellQuality: (notice) => announcer.announce(channel, 'quality', notice),
    });
    this.outlook = new Outlook({ ...this, clock, room: options.name });
  }

  /** Somebody is there from now on. */
  came(participant: Participant, visitor: Visitor): void {
    this.spotlight.came(participant);
    this.hosts.came(participant, visitor);
  }

  /** Somebody is not there any more. */
  left(participant: Participant, reason: LeaveReason): void {
    this.spotlight.left(participant, reason);
    this.hosts.left(participant, reason);
  }

  /** Everybody is told. */
  say(message: ChatMessage): void {
    const { announcer, channel } = this.#options;
    this.chat.add(message);
    announcer.announce(channel, 'chat', message);
  }

  sayAs({ info }: Participant, text: string): Result<'sendChat'> {
    const message = chatMessage(info, text, this.#options.clock.date());
    this.say(message);
    return { chatId: message.chatId, sentAt: message.sentAt };
  }

  /** Nothing more is told, and nobody is brought back. */
  silence(): void {
    this.rules.close();
    this.spotlight.close();
    this.hosts.close();
    this.roster.close();
    this.#news.close();
    this.activity.close();
    this.recovery.close();
  }

  /** When nobody is there any more. */
  close(): void {
    this.data.close();
    this.receivers.close();
    this.media.close();
  }
}
