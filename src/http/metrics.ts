import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Health, HealthSource, Load } from './health.ts';

/** Of the process as a whole, however many servers are in it: event loop, heap, garbage collection, CPU. */
let processMetrics: Registry | undefined;

function metricsOfProcess(): Registry {
  if (!processMetrics) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  return processMetrics;
}

const ofServer: Record<string, { help: string; value: (health: Health) => number }> = {
  plenum_rooms: { help: 'Rooms', value: ({ rooms }) => rooms },
  plenum_participants: { help: 'Participants in all rooms', value: ({ participants }) => participants },
  plenum_sockets: { help: 'Connected clients, joined or not', value: ({ sockets }) => sockets },
  plenum_sockets_max: {
    help: 'Clients that may be connected, by the limit of open files',
    value: ({ maxSockets }) => maxSockets,
  },
  plenum_workers: { help: 'Media workers that run', value: ({ workers }) => workers.running },
  plenum_workers_wanted: { help: 'Media workers that should run', value: ({ workers }) => workers.size },
  plenum_draining: {
    help: '1 while the server waits for its meetings to end, else 0',
    value: (health) => Number(health.draining),
  },
  plenum_webhooks_pending: { help: 'Webhook events that wait', value: ({ webhooks }) => webhooks.pending },
  plenum_webhooks_pending_bytes: { help: 'Bytes of these', value: ({ webhooks }) => webhooks.pendingBytes },
  plenum_token_keys_stale: {
    help: '1 while the file of token keys cannot be used, and the former keys hold; looked at when tokens are checked',
    value: (health) => Number(health.tokenKeysStale),
  },
  plenum_ready: { help: '1 while new people can join, else 0', value: ({ ready }) => (ready ? 1 : 0) },
};

/** As above, but they only grow while the server runs. */
const countersOfServer: Record<string, { help: string; value: (health: Health) => number }> = {
  plenum_webhooks_delivered_total: { help: 'Webhook events delivered', value: ({ webhooks }) => webhooks.delivered },
  plenum_webhooks_failures_total: {
    help: 'Attempts to deliver that failed',
    value: ({ webhooks }) => webhooks.failures,
  },
  plenum_webhooks_lost_total: { help: 'Webhook events given up', value: ({ webhooks }) => webhooks.lost },
};

/** Each with the label `worker`, 0 for the first. */
const ofWorkers: Record<string, { help: string; figure: keyof Load | 'stalled' }> = {
  plenum_worker_stalled: { help: '1 while it has not answered for seconds, else 0', figure: 'stalled' },
  plenum_worker_cpu_ratio: { help: 'Share of a core over the last seconds', figure: 'cpu' },
  plenum_worker_participants: { help: 'Participants placed on the worker', figure: 'participants' },
  plenum_worker_routers: { help: 'Routers', figure: 'routers' },
  plenum_worker_transports: { help: 'Transports of participants', figure: 'transports' },
  plenum_worker_producers: { help: 'Tracks that participants send', figure: 'producers' },
  plenum_worker_consumers: { help: 'Tracks that participants receive', figure: 'consumers' },
  plenum_worker_links: { help: 'Ends of links to other workers', figure: 'links' },
  plenum_worker_pipes_in: { help: 'Publications that come from another worker', figure: 'pipesIn' },
  plenum_worker_pipes_out: { help: 'Publications that go to another worker', figure: 'pipesOut' },
};

/** As above, but they only grow while the worker lives. */
const countersOfWorkers: Record<string, { help: string; figure: keyof Load }> = {
  plenum_worker_cpu_seconds_total: { help: 'CPU used since the worker was started', figure: 'cpuSeconds' },
  plenum_worker_packets_received_total: { help: 'RTP packets received, pipes included', figure: 'packetsIn' },
  plenum_worker_packets_sent_total: { help: 'RTP packets sent, pipes included', figure: 'packetsOut' },
  plenum_worker_bytes_received_total: { help: 'Bytes of the RTP packets received', figure: 'bytesIn' },
  plenum_worker_bytes_sent_total: { help: 'Bytes of the RTP packets sent', figure: 'bytesOut' },
};

/** `GET /metrics`, in Prometheus' text format. */
export function serveMetrics(app: FastifyInstance, health: HealthSource): void {
  const registry = new Registry();
  const registers = [registry];
  for (const [name, { help, value }] of Object.entries(ofServer)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(health()));
      },
    });
  }
  for (const [name, { help, value }] of Object.entries(countersOfServer)) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(health()));
      },
    });
  }
  for (const [name, { help, figure }] of Object.entries(ofWorkers)) {
    new Gauge({
      name,
      help,
      registers,
      labelNames: ['worker'],
      collect() {
        this.reset();
        for (const { index, [figure]: value } of health().workers.each) this.set({ worker: index }, Number(value));
      },
    });
  }
  for (const [name, { help, figure }] of Object.entries(countersOfWorkers)) {
    new Counter({
      name,
      help,
      registers,
      labelNames: ['worker'],
      collect() {
        this.reset();
        for (const { index, [figure]: value } of health().workers.each) this.inc({ worker: index }, value);
      },
    });
  }
  const all = Registry.merge([registry, metricsOfProcess()]);
  app.get('/metrics', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return reply.type(all.contentType).send(await all.metrics());
  });
}
