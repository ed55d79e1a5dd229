import { expect } from 'vitest';
import { createAccessToken } from '../../../src/auth/index.ts';
import { fakeCamera, fakeMicrophone } from '../../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../../support/RawClient.ts';
import type { Joined, Stage } from '../../support/stage.ts';
import { testSecret } from '../../support/testServer.ts';
import { Bystanders } from './Bystanders.ts';
import { Known } from './Known.ts';

/**
 * A room with everything that has an id: two people who see and hear each other and chat, one of them a moderator,
 * somebody who waits in the lobby, and somebody who is banned. All of it must be as it was when others have been at it.
 */
export class FullRoom {
  readonly known: Known;
  /** The moderator. */
  readonly ada: Joined;
  readonly #stage: Stage;
  readonly #bystanders: Bystanders;
  readonly #bans: unknown;
  readonly #received: readonly string[];

  static async open(stage: Stage, room: string): Promise<FullRoom> {
    const token = await createAccessToken(testSecret, {
      room,
      identity: `ada-of-${room}`,
      grants: { moderator: true },
    });
    const client = await stage.clientWith(token);
    const ada = Object.assign(client, { answer: await client.join() });
    await banSomebody(ada, await stage.joined(room, `cat-of-${room}`));
    const people = [ada, await stage.joined(room, `bob-of-${room}`)];
    await letSomebodyWait(ada, await stage.client(room, `kim-of-${room}`));
    for (const person of people) await furnish(person);
    const known = new Known();
    for (const person of people) {
      await person.next('chat');
      for (const source of ['camera', 'microphone']) {
        await person.next('subscriptionsAdded', ({ subscriptions }) =>
          subscriptions.some(({ publication }) => publication.source === source),
        );
      }
      known.hear(person.answer);
      known.hear(person.notices.map(({ payload }) => payload));
    }
    const bans = await ada.request('listBans', {});
    known.hear(bans);
    return new FullRoom({ stage, known, ada, bystanders: await Bystanders.of(people), bans });
  }

  private constructor({ stage, known, ada, bystanders, bans }: Makings) {
    this.#stage = stage;
    this.known = known;
    this.ada = ada;
    this.#bystanders = bystanders;
    this.#bans = bans;
    this.#received = this.#receivedNow;
    expect(this.#received.length, 'there is something to receive').toBeGreaterThan(3);
  }

  /** All there are, of whatever. */
  get ids(): string[] {
    return [...new Set(this.known.all)];
  }

  /** Nobody there has been told of anything, receives less, or is received by others; who waits or is banned still is. */
  async expectUntouched(): Promise<void> {
    expect(await this.#bystanders.heard(), 'told meanwhile').toEqual([]);
    expect(this.#receivedNow, 'received').toEqual(this.#received);
    expect(await this.ada.request('listBans', {}), 'banned').toEqual(this.#bans);
  }

  /** Who receives what of the room, and whether packets may flow. */
  get #receivedNow(): string[] {
    const ids = this.known.of('publication');
    return this.#stage.consumers
      .filter(({ producerId }) => ids.includes(producerId))
      .map(({ id, producerId, paused }) => `${producerId} as ${id}${paused ? ', paused' : ''}`);
  }
}

interface Makings {
  stage: Stage;
  known: Known;
  ada: Joined;
  bystanders: Bystanders;
  bans: unknown;
}

/** Sends both kinds of media, and says something. */
export async function furnish(person: RawClient): Promise<void> {
  await person.request('publish', fakeCamera(newRequestId()));
  await person.request('publish', fakeMicrophone(newRequestId()));
  await person.request('sendChat', { requestId: newRequestId(), text: 'hello' });
}

async function banSomebody(ada: RawClient, { answer: { participantId } }: Joined): Promise<void> {
  const moderation = { action: 'remove', participantId, ban: true } as const;
  await ada.request('moderate', { requestId: newRequestId(), moderation });
}

async function letSomebodyWait(ada: RawClient, kim: RawClient): Promise<void> {
  const moderation = { action: 'settings', changes: { lobby: true } } as const;
  await ada.request('moderate', { requestId: newRequestId(), moderation });
  await expect(kim.join()).rejects.toMatchObject({ code: 'in-lobby' });
  await ada.next('lobby', ({ waiting }) => waiting.length > 0);
}
