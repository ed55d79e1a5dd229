import { PlenumError } from '../protocol/index.ts';
import type { ChatLog } from './ChatLog.ts';
import type { Hub } from './Hub.ts';
import type { LocalMedia } from './LocalMedia.ts';
import type { PageWatch } from './PageWatch.ts';
import type { RoomData } from './RoomData.ts';
import type { CloseReason } from './RoomEvents.ts';
import type { Roster } from './Roster.ts';
import type { ServerState } from './ServerState.ts';
import type { JoinAnswer, Session } from './Session.ts';
import { Subscriber } from './Subscriber.ts';
import type { Views } from './Views.ts';

export interface VisitingParts {
  hub: Hub;
  server: ServerState;
  roster: Roster;
  media: LocalMedia;
  views: Views;
  chat: ChatLog;
  data: RoomData;
  page: PageWatch;
}

/** What begins with a visit, pauses while there is none, and ends with the room object. */
export class Visiting {
  readonly #parts: VisitingParts;
  /** Publications that this browser refused in any of the visits. */
  readonly #refused = new Set<string>();
  #subscriber: Subscriber | undefined;
  /** The name of the room of this visit or the last one. */
  #room: string | undefined;

  constructor(parts: VisitingParts) {
    this.#parts = parts;
  }

  /** Of this visit or the last one; undefined before the first. */
  get subscriber(): Subscriber | undefined {
    return this.#subscriber;
  }

  entered(session: Session, { participantId, room, subscriptions, introduced }: JoinAnswer): void {
    const { hub, server, roster, media, views, chat, data, page } = this.#parts;
    if (this.#room !== room.room) chat.clear();
    this.#room = room.room;
    server.entered(session.welcome, room);
    // Moderators are told of it anew.
    if (server.setLobby([])) hub.emit('lobbyChanged', []);
    views.entering();
    this.#subscriber?.close();
    this.#subscriber = new Subscriber(session, roster, hub, this.#refused);
    roster.reset(room, participantId, introduced);
    this.#subscriber.start(subscriptions, data.attach(session));
    media.publisher.attach(session, room);
    views.attach(session);
    chat.merge(room.chat);
    page.watch();
  }

  interrupted(): void {
    const { media, views, data } = this.#parts;
    media.publisher.detach();
    views.detach();
    data.detach(new PlenumError('disconnected', 'The connection was lost.'));
  }

  /** When leaving before the server closes anything: channels that close would tell of an accident. */
  release(aborted: PlenumError): void {
    const { media, views, data } = this.#parts;
    media.close();
    data.detach(aborted);
    views.close(aborted);
  }

  ended(reason: CloseReason, message: string): void {
    const { hub, roster, page } = this.#parts;
    page.forget();
    this.#subscriber?.close();
    this.release(new PlenumError('aborted', message));
    roster.clear();
    hub.emit('closed', { reason, message });
  }
}
