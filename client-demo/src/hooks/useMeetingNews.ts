import { useEffect, useRef } from 'react';
import type { LeftReason, LocalParticipant, Moderator, RemoteParticipant, Room } from '../../../src/client/index.ts';
import { labelOf } from '../lib/breakouts.ts';
import { codeOf } from '../lib/failures.ts';
import { moderationNews } from '../lib/moderationNews.ts';
import { settingsNews, spotlightNews } from '../lib/settingsNews.ts';
import { useNotices } from './useNotices.tsx';

/** In larger meetings people come and go all the time, and nobody wants to read it. */
const smallMeeting = 8;
const longestPreview = 120;
/** As long as tiles are kept for those who are not back yet, in milliseconds. */
const comingBackMs = 8000;

/** Turns what happens in the room into short messages, which screen readers speak too. */
export function useMeetingNews(room: Room, chatOpen: boolean): void {
  const { tell, forgetNews } = useNotices();
  const chatShown = useRef(chatOpen);
  useEffect(() => {
    chatShown.current = chatOpen;
  }, [chatOpen]);

  useEffect(() => {
    const raised = new Set<string>();
    const showHand = ({ participantId, displayName, handRaisedAt }: RemoteParticipant | LocalParticipant) => {
      if (participantId === room.local?.participantId) return;
      if (handRaisedAt === undefined) {
        raised.delete(participantId);
      } else if (!raised.has(participantId)) {
        raised.add(participantId);
        tell('info', `${displayName} raised a hand`);
      }
    };
    /** After a server has gone all join anew, one after the other: nobody has left, and nobody has come. */
    let rejoinedAt = Number.NEGATIVE_INFINITY;
    const comesBack = () => performance.now() - rejoinedAt < comingBackMs;
    let wasModerator = room.local?.moderator ?? false;
    let { settings } = room;
    const isSpotlit = () => room.spotlight.includes(room.local?.identity ?? '');
    let wasSpotlit = isSpotlit();
    const nameOf = (by: Moderator | undefined) => (by?.identity === room.local?.identity ? undefined : by?.displayName);
    if (settings.startMuted && room.local?.mayPublish('microphone')) {
      tell('info', 'Everybody starts muted here', 'Unmute yourself when you want to speak.');
    }
    const stops = [
      room.on('troubleChanged', (trouble) => {
        if (trouble === 'visit') rejoinedAt = Number.POSITIVE_INFINITY;
        else if (rejoinedAt === Number.POSITIVE_INFINITY) rejoinedAt = performance.now();
      }),
      room.on('participantJoined', (participant) => {
        if (room.participantCount <= smallMeeting && !comesBack()) tell('info', `${participant.displayName} joined`);
        // In a large room somebody may become known by the hand.
        if (room.isPartialRoster) showHand(participant);
      }),
      room.on('participantLeft', ({ participantId, displayName }, reason) => {
        raised.delete(participantId);
        // It is oneself who goes.
        if (room.state === 'closed') return;
        if (room.participantCount <= smallMeeting && !comesBack()) tell('info', `${displayName} ${wordsOf(reason)}`);
      }),
      room.on('participantChanged', showHand),
      room.on('chatMessage', (message) => {
        if (chatShown.current || message.identity === room.local?.identity) return;
        const { text } = message;
        const preview = text.length > longestPreview ? `${text.slice(0, longestPreview)}…` : text;
        tell('info', message.displayName, preview);
      }),
      room.on('deviceLost', ({ source, label, fallback }) => {
        const device = source === 'camera' ? 'camera' : 'microphone';
        tell(
          'trouble',
          `The ${device}${label === '' ? '' : ` “${label}”`} is gone`,
          fallback ? `Using another ${device} now.` : `Plug it in again, or choose another ${device} in the settings.`,
        );
      }),
      room.on('moderated', (event) => {
        const moderator = room.local?.moderator ?? false;
        const promoted = moderator === wasModerator ? undefined : moderator;
        wasModerator = moderator;
        // A request to unmute waits in a banner; who did something to oneself knows of it.
        if (event.what === 'unmute-asked' || event.by.identity === room.local?.identity) return;
        const { text, help } = moderationNews(event, promoted);
        tell('info', text, help);
      }),
      room.on('stateChanged', (state) => {
        if (state !== 'joined') return;
        // Another visit may begin with other rights, and in another room.
        wasModerator = room.local?.moderator ?? false;
        settings = room.settings;
        wasSpotlit = isSpotlit();
      }),
      room.on('moved', ({ room: name, by }) => {
        // Nobody has left, and nobody has come: it is another room.
        rejoinedAt = performance.now();
        const where = labelOf(name);
        if (by.identity === room.local?.identity) return;
        const help = where === undefined ? 'You are in the main room again.' : `You are in “${where}” now.`;
        tell('info', `${by.displayName} has sent you to another room`, help);
      }),
      room.on('settingsChanged', (now, by) => {
        for (const { text, help } of settingsNews(settings, now, nameOf(by))) tell('info', text, help);
        settings = now;
      }),
      room.on('spotlightChanged', (_identities, by) => {
        const now = isSpotlit();
        if (now === wasSpotlit) return;
        wasSpotlit = now;
        // Who did it oneself is told in another way.
        if (by !== undefined && nameOf(by) === undefined) return;
        const { text, help } = spotlightNews(now, nameOf(by));
        tell('info', text, help);
      }),
      room.on('error', (error) => {
        console.warn('Plenum:', error);
        if (codeOf(error) === 'aborted' || codeOf(error) === 'disconnected') return;
        tell('trouble', 'Something did not work', error.message);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      // The page after the meeting has something of its own to say.
      forgetNews();
    };
  }, [room, tell, forgetNews]);
}

function wordsOf(reason: LeftReason): string {
  if (reason === 'removed') return 'was removed';
  return reason === 'moved' ? 'went to another room' : 'left';
}
