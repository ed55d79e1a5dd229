import type { Grants, Knock, LeaveReason, Moderator, Notice, RoomSettings } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import type { Attendance } from './Attendance.ts';
import type { ChatLog } from './ChatLog.ts';
import type { NoticeHandlers } from './Connection.ts';
import { applyQuality, applyStates } from './conditions.ts';
import { toPlenumError } from './errors.ts';
import type { Hub } from './Hub.ts';
import type { LocalParticipant } from './LocalParticipant.ts';
import { rebuildMedia } from './mediaReset.ts';
import type { Publisher } from './Publisher.ts';
import type { RoomData } from './RoomData.ts';
import type { Roster } from './Roster.ts';
import type { ServerState } from './ServerState.ts';
import type { Subscriber } from './Subscriber.ts';

interface Parts {
  hub: Hub;
  roster: Roster;
  chat: ChatLog;
  publisher: Publisher;
  subscriber: () => Subscriber | undefined;
  local: () => LocalParticipant | undefined;
  server: ServerState;
  attendance: () => Attendance;
  data: RoomData;
}

const closeMessages: Record<Notice<'roomClosed'>['reason'], string> = {
  ended: 'The meeting has ended.',
  'time-limit': 'The time for this meeting is over.',
  'server-stopping': 'The server stops.',
  'media-failed': 'The server lost the media of this room.',
};

const endedBy = ({ displayName }: Moderator) => `${displayName} has ended the meeting.`;

/** Whether nobody decided that we go: then we come back. */
function isAccident(reason: LeaveReason): boolean {
  return reason === 'silent' || reason === 'disconnected' || reason === 'failed';
}

/** Both come from the protocol's parser, which puts the same names in the same order. */
function isSame<T extends RoomSettings | readonly string[]>(one: T, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What each of the server's notices does to the room. */
export function noticeHandlers(parts: Parts): NoticeHandlers {
  const { hub, roster, chat, publisher, data } = parts;
  const lobby = (waiting: readonly Knock[]) => {
    if (parts.server.setLobby(waiting)) hub.emit('lobbyChanged', waiting);
  };
  /** What ends by it is told with `unpublished`: of a change of both, only one may have been heard yet. */
  const allow = () => {
    const { grants, settings } = parts.server;
    parts.local()?.allow(grants, settings);
  };
  const granted = (grants: Grants) => {
    parts.server.grants = grants;
    allow();
    const local = parts.local();
    if (local) hub.emit('participantChanged', local);
    if (!grants.moderator) lobby([]);
  };
  const ruled = (settings: RoomSettings, endsAt: number | undefined, by?: Moderator) => {
    const { server } = parts;
    if (server.endsAt === endsAt && isSame(server.settings, settings)) return;
    server.settings = settings;
    server.endsAt = endsAt;
    allow();
    hub.emit('settingsChanged', settings, by);
  };
  const shown = (identities: readonly string[], by?: Moderator) => {
    if (isSame(parts.server.spotlight, identities)) return;
    parts.server.spotlight = identities;
    hub.emit('spotlightChanged', identities, by);
  };
  return {
    // What concerns the visit and not the room is handled by the Inbox.
    welcome: () => undefined,
    admitted: () => undefined,
    lobby: ({ waiting }) => lobby(waiting),
    moved: ({ room, by }) => {
      parts.server.room = room;
      hub.emit('moved', { room, by });
    },
    roomChanged: (delta) => {
      if (delta.revision <= roster.revision) return;
      roster.apply(delta);
      const { settings = parts.server.settings, endsAt = parts.server.endsAt } = delta;
      ruled(settings, endsAt ?? undefined, delta.by);
      if (delta.spotlight) shown(delta.spotlight, delta.by);
      if (delta.videoCodecs) publisher.codecsChanged(delta.videoCodecs);
    },
    knownChanged: (notice) => roster.applyKnown(notice),
    subscriptionsAdded: (notice) => parts.subscriber()?.added(notice),
    subscriptionsRemoved: ({ subscriptionIds }) => parts.subscriber()?.removed(subscriptionIds),
    subscriptionState: ({ states }) => applyStates(states, roster, hub),
    wantedLayers: ({ publications }) => publisher.wantedLayers(publications),
    keyFrameWanted: ({ publicationId }) => publisher.keyFrameWanted(publicationId),
    grantsChanged: ({ grants, by }) => {
      granted(grants);
      if (by) hub.emit('moderated', { what: 'grants-changed', publication: undefined, by });
      // It is part of coming in, with what is wanted from before.
      else publisher.allowed(grants, parts.server.settings);
    },
    muted: ({ publicationId, by }) => {
      publisher.muted(publicationId, (publication) => hub.emit('moderated', { what: 'muted', publication, by }));
    },
    handLowered: ({ by }) => hub.emit('moderated', { what: 'hand-lowered', publication: undefined, by }),
    unmuteAsked: ({ by }) => hub.emit('moderated', { what: 'unmute-asked', publication: undefined, by }),
    unpublished: ({ publicationId, by }) => {
      publisher.ended(publicationId, (publication) => hub.emit('moderated', { what: 'unpublished', publication, by }));
    },
    snapshot: ({ grants, room, introduced, subscriptions, states, wantedLayers }) => {
      granted(grants);
      parts.server.setClock(room.now);
      ruled(room.settings, room.endsAt);
      publisher.allowed(grants, room.settings);
      shown(room.spotlight);
      const local = parts.local();
      if (local) roster.reset(room, local.participantId, introduced);
      parts.subscriber()?.reconcile(subscriptions);
      applyStates(states, roster, hub);
      publisher.codecsChanged(room.videoCodecs);
      publisher.wantedLayers(wantedLayers);
      for (const message of room.chat) if (chat.add(message)) hub.emit('chatMessage', message);
    },
    speakers: ({ speakers }) => {
      const local = parts.local();
      local?.setSpeaking(speakers.some(({ participantId }) => participantId === local.participantId));
      roster.setSpeakers(speakers);
    },
    quality: ({ connections }) => applyQuality(connections, { roster, hub, local: parts.local() }),
    chat: (message) => {
      if (chat.add(message)) hub.emit('chatMessage', message);
    },
    removed: ({ reason, message }) => {
      if (reason === 'refused') parts.attendance().refused(new PlenumError('refused', message));
      else if (isAccident(reason)) parts.attendance().rejoin(new PlenumError('disconnected', message));
      else parts.attendance().end(reason, message);
    },
    mediaReset: (notice) => {
      const rebuilt = { attendance: parts.attendance(), roster, publisher, data, subscriber: parts.subscriber() };
      rebuildMedia(rebuilt, notice).catch((error: unknown) => hub.emit('error', toPlenumError(error)));
    },
    draining: ({ until }) => {
      parts.server.drainingUntil = until;
      hub.emit('draining', parts.server.toLocal(until));
    },
    roomClosed: ({ reason, rejoin, by }) => {
      if (rejoin) parts.attendance().rejoin(new PlenumError('closed', closeMessages[reason]));
      else parts.attendance().end(reason, by ? endedBy(by) : closeMessages[reason]);
    },
  };
}
