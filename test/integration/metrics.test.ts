import { expect, test } from 'vitest';
import { fakeCamera } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage({ config: { workers: 2, workerMaxConsumers: 1, hiddenGrace: 0 } });

/** By name with labels, as Prometheus reads them. */
async function metrics(): Promise<Map<string, number>> {
  const answer = await fetch(`${stage.server.adminUrl}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function health() {
  return (await fetch(`${stage.server.adminUrl}/health`)).json();
}

test('/health and /metrics say the same of each worker', async () => {
  const ada = await stage.joined('load', 'ada');
  const bob = await stage.joined('load', 'bob');
  await ada.request('publish', fakeCamera(newRequestId()));
  await bob.next('subscriptionsAdded');
  const { workers, ...rest } = await health();
  expect(rest).toEqual({
    status: 'ok',
    version: expect.any(String),
    rooms: 1,
    participants: 2,
    sockets: 2,
    draining: false,
    maxSockets: expect.any(Number),
    webhooks: { pending: 0, pendingBytes: 0, delivered: 0, failures: 0, lost: 0 },
    tokenKeysStale: false,
  });
  const idle = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };
  const common = { stalled: false, participants: 1, routers: 1, transports: 2, links: 1, ...idle };
  const measured = { cpu: expect.any(Number), cpuSeconds: expect.any(Number), pid: expect.any(Number) };
  expect(workers).toEqual({
    running: 2,
    size: 2,
    total: {
      ...{ participants: 2, routers: 2, transports: 4, producers: 1, consumers: 1, links: 2, pipesIn: 1, pipesOut: 1 },
      ...{ ...idle, cpu: expect.any(Number), cpuSeconds: expect.any(Number) },
    },
    each: [
      { index: 0, ...common, ...measured, producers: 1, consumers: 0, pipesIn: 0, pipesOut: 1 },
      { index: 1, ...common, ...measured, producers: 0, consumers: 1, pipesIn: 1, pipesOut: 0 },
    ],
  });
  expect(workers.each.map(({ pid }: { pid: number }) => pid)).toEqual(stage.server.app.engine.status.pids);
  const values = await metrics();
  expect(Object.fromEntries(values)).toMatchObject({
    plenum_rooms: 1,
    plenum_participants: 2,
    plenum_sockets: 2,
    plenum_ready: 1,
    plenum_draining: 0,
    plenum_workers: 2,
    plenum_workers_wanted: 2,
  });
  const names = {
    stalled: 0,
    participants: 1,
    routers: 1,
    transports: 2,
    links: 1,
    packets_sent_total: 0,
    bytes_received_total: 0,
  };
  for (const [name, value] of Object.entries(names)) {
    for (const worker of [0, 1]) expect(values.get(`plenum_worker_${name}{worker="${worker}"}`), name).toBe(value);
  }
  expect(values.get('plenum_worker_producers{worker="0"}')).toBe(1);
  expect(values.get('plenum_worker_pipes_in{worker="1"}')).toBe(1);
  expect(values.get('plenum_worker_pipes_out{worker="0"}')).toBe(1);
  expect(values.get('plenum_worker_consumers{worker="1"}')).toBe(1);
  // Asked again, nothing is counted twice.
  await metrics();
  expect((await metrics()).get('plenum_worker_transports{worker="0"}')).toBe(2);
});

test('CPU of each worker and the figures of the Node process are there', async () => {
  const values = await waitFor('the CPU', async () => {
    const now = await metrics();
    const measured = [0, 1].every(
      (worker) => Number(now.get(`plenum_worker_cpu_seconds_total{worker="${worker}"}`)) > 0,
    );
    return measured ? now : undefined;
  });
  for (const worker of [0, 1]) {
    expect(values.get(`plenum_worker_cpu_ratio{worker="${worker}"}`)).toBeGreaterThanOrEqual(0);
    expect(values.get(`plenum_worker_cpu_ratio{worker="${worker}"}`)).toBeLessThan(1.5);
  }
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_max_seconds', 'nodejs_heap_size_used_bytes']) {
    expect(values.get(name), name).toBeGreaterThan(0);
  }
});
