import type { CheckedGrant } from '../auth/TokenService.ts';
import { type Params, PlenumError, type RequestName, type Result } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import type { Door } from './Admission.ts';
import type { Connection } from './Connection.ts';
import type { Meter } from './Meter.ts';

export interface HandlerContext {
  connection: Connection;
  registry: RoomRegistry;
  admission: Door;
  clock: Clock;
  simulateFaults: boolean;
  /** @throws PlenumError `unauthorized` for a token that was revoked, or has expired, since it was verified */
  checkToken: (token: CheckedGrant, mayHaveExpired: boolean) => void;
  /** Of the socket over which the request came. */
  meter: Meter;
}

/** What a handler gives back: the answer, or what makes it in the very moment in which it is sent. */
type Handled<N extends RequestName> = Result<N> | (() => Result<N>);

export type Handlers = {
  [N in RequestName]: (context: HandlerContext, params: Params<N>) => Handled<N> | Promise<Handled<N>>;
};

/** One thin function per request: from the connection to the domain and back. */
export const handlers: Handlers = {
  async join({ connection, registry, admission, checkToken }, params) {
    connection.startJoin();
    const { room: name, waited, visitor } = connection;
    const isMoved = () => registry.roomFor(visitor) !== name;
    try {
      const { room, participant, enter } = await admission.enter(async () => {
        if (connection.phase !== 'joining')
          throw new PlenumError('closed', 'the connection was closed during the join');
        checkToken(connection.grant, waited);
        if (isMoved()) throw movedMeanwhile();
        const room = registry.enter(name, visitor.identity);
        return { room, ...(await room.join({ ...visitor, params })) };
      });
      try {
        // It may have been sent away with its other visit while the worker was busy: then its token is revoked.
        checkToken(connection.grant, waited);
      } catch (error) {
        room.leave(participant, 'removed');
        throw error;
      }
      if (isMoved()) {
        room.leave(participant, 'moved');
        throw movedMeanwhile();
      }
      connection.finishJoin(room, participant);
      // No change of the room may fall between the snapshot and the notices that build on it.
      return enter;
    } catch (error) {
      connection.failJoin();
      throw isMoved() && !wasSentAway(connection, error) ? movedMeanwhile() : error;
    }
  },

  leave({ connection }) {
    connection.close('left');
    connection.link.close();
    return {};
  },

  async restartIce({ connection }, { transport }) {
    const { participant } = connection.joined;
    const { sendTransport, recvTransport } = participant;
    return { iceParameters: await (transport === 'send' ? sendTransport : recvTransport).restartIce() };
  },

  async publish({ connection }, params) {
    const { publicationId, muted } = await connection.joined.participant.publish(params);
    return { publicationId, muted };
  },

  async restorePublication({ connection }, params) {
    await connection.joined.participant.restorePublication(params);
    return {};
  },

  unpublish({ connection }, { publicationId }) {
    connection.joined.participant.unpublish(publicationId);
    return {};
  },

  async updatePublication({ connection }, params) {
    await connection.joined.participant.updatePublication(params);
    return {};
  },

  setView({ connection }, params) {
    const { room, participant } = connection.joined;
    connection.views.take();
    return room.setView(participant, params);
  },

  async startSubscriptions({ connection }, { subscriptionIds }) {
    await connection.joined.participant.subscriptions.start(subscriptionIds);
    return {};
  },

  listParticipants({ connection }, params) {
    const { room, participant } = connection.joined;
    connection.pages.take();
    return room.listParticipants(participant, params);
  },

  sendChat({ connection }, { text }) {
    const { room, participant } = connection.joined;
    return room.sendChat(participant, text);
  },

  updateMetadata({ connection }, { metadata }) {
    connection.joined.participant.updateMetadata(metadata);
    return {};
  },

  raiseHand({ connection, clock }, { raised }) {
    connection.joined.participant.raiseHand(raised ? clock.date() : null);
    return {};
  },

  async moderate({ connection }, { moderation }) {
    const { room, participant } = connection.joined;
    await room.moderation.act({ kind: 'participant', participant }, moderation);
    return {};
  },

  listBans({ connection }) {
    return { bans: connection.joined.room.moderation.standing.bans.told };
  },

  simulateFault({ connection, simulateFaults }, { fault }) {
    if (!simulateFaults) {
      const message = 'this server does not simulate faults; for development, start it with --simulate-faults';
      throw new PlenumError('forbidden', message);
    }
    const { room, participant } = connection.joined;
    participant.log.info({ fault }, 'participant simulates a fault');
    if (fault === 'socket-cut') connection.breakSocket();
    else room.faults.make(participant, fault);
    return {};
  },
};

/** Whether the client has been told that it is over, or has a token that opens nothing: then it has not been moved. */
function wasSentAway({ link }: Connection, error: unknown): boolean {
  return link.farewell !== undefined || (error instanceof PlenumError && error.code === 'unauthorized');
}

/** The same token leads elsewhere now: over another connection. */
function movedMeanwhile(): PlenumError {
  const message = 'you have been moved to another room; connect again to go there';
  return new PlenumError('closed', message, { retryAfterMs: 100 });
}
