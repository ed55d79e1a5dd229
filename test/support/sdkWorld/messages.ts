import type { ChatMessage, Notice, RoomSnapshot } from '../../../src/protocol/index.ts';
import { plainGrants, plainRoomSettings, protocolVersion } from '../../../src/protocol/index.ts';
import { fakeCapabilities } from '../fakeMedia.ts';

/** What a server says that is the same for everybody. */

export function welcomeTo(what: Pick<Notice<'welcome'>, 'room' | 'resumeKey' | 'session'>): Notice<'welcome'> {
  return {
    protocolVersion,
    serverVersion: '0',
    ...what,
    identity: 'ada',
    displayName: 'Ada',
    grants: plainGrants,
    routerRtpCapabilities: fakeCapabilities(['VP8']),
    iceServers: [],
    limits: {
      maxMessageBytes: 65_536,
      maxPublications: 8,
      maxParticipants: 100,
      autoViewVideos: 16,
      maxDataBytes: 65_536,
      maxFileBytes: 65_536,
    },
  };
}

/** A room with nobody but that one in it. @param now by the server's clock */
export function roomWith(participantId: string, room: string, revision: number, now: number): RoomSnapshot {
  return {
    room,
    now,
    revision,
    partial: false,
    count: 1,
    participants: [
      {
        participantId,
        identity: 'ada',
        displayName: 'Ada',
        metadata: {},
        moderator: false,
        handRaisedAt: null,
        joinedAt: 0,
        connection: 'good',
      },
    ],
    publications: [],
    speakers: [],
    videoCodecs: ['vp8'],
    settings: plainRoomSettings,
    spotlight: [],
    ofMainRoom: true,
    chat: [],
  };
}

export function messageOfBob(text: string): ChatMessage {
  return { chatId: `chat-${text}`, participantId: 'p', identity: 'bob', displayName: 'Bob', text, sentAt: 1 };
}
