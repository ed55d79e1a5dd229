import { expect, test } from 'vitest';
import { type WebhookData, type WebhookType, webhookEvents } from '../../../src/protocol/webhooks.ts';
import { reportMeetings, reportWorkerDeath } from '../../../src/webhooks/report.ts';
import { camera, Lobby } from '../../support/Lobby.ts';

interface Told {
  type: WebhookType;
  lane: string;
  data: unknown;
}

/** Takes down what would be sent. */
class Notebook {
  readonly lines: Told[] = [];

  tell<T extends WebhookType>(type: T, lane: string, data: WebhookData<T>): void {
    this.lines.push({ type, lane, data });
  }
}

test('each declared event is told, in exactly the declared form, in the lane of its room', async () => {
  const notebook = new Notebook();
  const lobby = new Lobby();
  reportMeetings(lobby.registry, notebook);
  const { participant, room } = await lobby.join('ada');
  const { publicationId } = await participant.publish(camera());
  participant.unpublish(publicationId);
  const by = { kind: 'application', name: 'Campus' } as const;
  room.changeSettings({ lobby: true }, by);
  await expect(lobby.join('bob')).rejects.toMatchObject({ code: 'in-lobby' });
  const { participantId } = participant;
  await room.moderation.act(by, { action: 'remove', participantId, ban: false });
  await room.moderation.act(by, { action: 'end' });
  lobby.clock.advance(0);
  reportWorkerDeath({ index: 1, pid: 4711, ageMs: 1234.56, participants: 3 }, notebook);
  expect(new Set(notebook.lines.map(({ type }) => type))).toEqual(new Set(Object.keys(webhookEvents)));
  const who = (type: WebhookType) => notebook.lines.find((line) => line.type === type)?.data;
  for (const type of ['participant.left', 'room.ended'] as const) {
    expect(who(type)).toMatchObject({ by: { displayName: 'Campus' } });
  }
  for (const { type, lane, data } of notebook.lines) {
    expect(webhookEvents[type].data.strict().parse(data), type).toEqual(data);
    expect(lane, type).toBe(type === 'worker.died' ? '' : 'room');
  }
  expect(notebook.lines.at(-1)?.data).toEqual({ worker: { index: 1, pid: 4711 }, uptimeMs: 1235, participants: 3 });
});
