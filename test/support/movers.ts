import { expect } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import type { Grants, ModerationInput } from '../../src/protocol/index.ts';
import { newRequestId, type RawClient } from './RawClient.ts';
import type { Joined, Stage } from './stage.ts';
import { testSecret } from './testServer.ts';

/** People of a school, its main room and its other rooms, and those who move them about. */
export function moversOn(stage: Stage) {
  const tokenOf = (identity: string, grants: Partial<Grants> = {}, room = 'school') =>
    createAccessToken(testSecret, { room, identity, grants, displayName: identity === 'mod' ? 'Mia' : identity });

  async function enters(identity: string, grants: Partial<Grants> = {}, room = 'school'): Promise<Joined> {
    const client = await stage.clientWith(await tokenOf(identity, grants, room));
    return Object.assign(client, { answer: await client.join() });
  }

  /** A moderator with a token for that room. */
  const host = (room = 'school') => enters('mod', { moderator: true }, room);

  const asks = (who: RawClient, moderation: ModerationInput) =>
    who.ask('moderate', { requestId: newRequestId(), moderation });

  async function moves(mod: RawClient, whom: Joined, room: string): Promise<void> {
    const { participantId } = whom.answer;
    expect(await asks(mod, { action: 'move', participantId, room })).toMatchObject({ ok: true });
  }

  /** What follows on `moved`: the client joins the room that it is told, over the same socket. */
  async function follows(whom: Joined, room: string): Promise<void> {
    await whom.next('welcome', (welcome) => welcome.room === room);
    whom.answer = await whom.join();
  }

  /** A moderator of the main room who has gone to another one. */
  async function hostIn(room: string): Promise<Joined> {
    const boss = await enters('boss', { moderator: true });
    await moves(boss, boss, room);
    await follows(boss, room);
    return boss;
  }

  const roomOf = (name: string) => stage.server.app.registry.find(name);
  const namesIn = (name: string) =>
    roomOf(name)
      ?.participants.map(({ identity }) => identity)
      .toSorted() ?? [];

  return { tokenOf, enters, host, hostIn, asks, moves, follows, roomOf, namesIn };
}
