import type { Notice, NoticeName } from '../protocol/index.ts';
import type { Arrived } from './Arrived.ts';
import type { NoticeHandlers } from './Connection.ts';

/**
 * Handlers that take each notice once, and hold back those which overtake the answer to `join`.
 *
 * @param queue where they wait; undefined where they are passed on at once
 */
export function heldBack(
  handlers: NoticeHandlers,
  arrived: Arrived,
  queue: () => (() => void)[] | undefined,
): NoticeHandlers {
  const defer = <N extends NoticeName>(name: N) => {
    return (payload: Notice<N>) => {
      if (!arrived.take(name, payload)) return;
      const waiting = queue();
      if (waiting) waiting.push(() => handlers[name](payload));
      else handlers[name](payload);
    };
  };
  const pass = <N extends NoticeName>(name: N) => {
    return (payload: Notice<N>) => {
      if (arrived.take(name, payload)) handlers[name](payload);
    };
  };
  return {
    // The first one was taken by Connection.open; another one follows on `moved`.
    welcome: defer('welcome'),
    moved: defer('moved'),
    lobby: defer('lobby'),
    roomChanged: defer('roomChanged'),
    knownChanged: defer('knownChanged'),
    subscriptionsAdded: defer('subscriptionsAdded'),
    subscriptionsRemoved: defer('subscriptionsRemoved'),
    subscriptionState: defer('subscriptionState'),
    wantedLayers: defer('wantedLayers'),
    keyFrameWanted: defer('keyFrameWanted'),
    snapshot: defer('snapshot'),
    speakers: defer('speakers'),
    quality: defer('quality'),
    chat: defer('chat'),
    draining: defer('draining'),
    muted: defer('muted'),
    unmuteAsked: defer('unmuteAsked'),
    unpublished: defer('unpublished'),
    handLowered: defer('handLowered'),
    grantsChanged: defer('grantsChanged'),
    mediaReset: defer('mediaReset'),
    // What comes before the answer, or ends the visit, is never held back.
    admitted: pass('admitted'),
    removed: pass('removed'),
    roomClosed: pass('roomClosed'),
  };
}
