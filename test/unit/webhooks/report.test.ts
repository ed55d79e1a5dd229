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
  room.close('ended', false);
  reportWorkerDeath({ index: 1, pid: 4711, ageMs: 1234.56, participants: 3 }, notebook);
  expect(new Set(notebook.lines.map(({ type }) => type))).toEqual(new Set(Object.keys(webhookEvents)));
  for (const { type, lane, data } of notebook.lines) {
    expect(webhookEvents[type].data.strict().parse(data), type).toEqual(data);
    expect(lane, type).toBe(type === 'worker.died' ? '' : 'room');
  }
  expect(notebook.lines.at(-1)?.data).toEqual({ worker: { index: 1, pid: 4711 }, uptimeMs: 1235, participants: 3 });
});
