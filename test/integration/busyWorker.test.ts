import { observer, type types } from 'mediasoup';
import { expect, test } from 'vitest';
import { lookAtProcess } from '../../src/media/processLook.ts';
import { startTestServer } from '../support/testServer.ts';

/** So many listeners to whom a message may go, and does not: the worker looks at each of them for each message. */
const listeners = 3000;
const busyMs = 60_000;

/** Gives the worker all that it can do; each burst ends when it answers. */
async function keepBusy(worker: types.Worker, until: number): Promise<void> {
  const router = await worker.createRouter();
  const direct = await router.createDirectTransport();
  const producer = await direct.produceData();
  const options = { dataProducerId: producer.id, subchannels: [1] };
  await Promise.all(Array.from({ length: listeners }, () => direct.consumeData(options)));
  while (performance.now() < until) {
    for (let sent = 0; sent < 1000; sent += 1) producer.send('to nobody', undefined, [2], 2);
    await worker.getResourceUsage();
  }
  router.close();
}

test('a worker that is busy is not taken for one that hangs', async () => {
  const workers: types.Worker[] = [];
  const met = (worker: types.Worker) => workers.push(worker);
  observer.on('newworker', met);
  const server = await startTestServer({ config: { workers: 1 } });
  observer.off('newworker', met);
  try {
    const [worker] = workers;
    if (!worker) throw new Error('the server has no worker');
    const before = lookAtProcess(worker.pid)?.used ?? 0;
    const since = performance.now();
    await keepBusy(worker, since + busyMs);
    const seconds = (performance.now() - since) / 1000;
    // In hundredths of a second.
    const share = ((lookAtProcess(worker.pid)?.used ?? 0) - before) / 100 / seconds;
    console.info(`the worker was busy for ${seconds.toFixed(1)} s, with ${Math.round(share * 100)} % of a core`);
    expect(share).toBeGreaterThan(0.3);
    expect(server.app.engine.status.pids).toEqual([worker.pid]);
    expect(server.problems).toEqual([]);
  } finally {
    await server.close();
  }
}, 120_000);
