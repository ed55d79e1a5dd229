import { observer, type types } from 'mediasoup';
import { InventoryKeeper } from '../../chaos/visits/inventory.ts';
import { startTestServer } from '../../support/testServer.ts';
import { workersAgree } from '../../support/workerBooks.ts';
import { serverOptions } from './serverOptions.ts';

/** The server that is attacked, which tells what it holds; it ends when its parent does. See FuzzServer.ts. */

const keeper = new InventoryKeeper();
const workers = new Set<types.Worker>();
const routers = new Map<types.Router, Set<types.Transport>>();
observer.on('newworker', (worker) => {
  workers.add(worker);
  worker.observer.once('close', () => workers.delete(worker));
  worker.observer.on('newrouter', (router) => {
    const transports = new Set<types.Transport>();
    routers.set(router, transports);
    router.observer.once('close', () => routers.delete(router));
    router.observer.on('newtransport', (transport) => {
      transports.add(transport);
      transport.observer.once('close', () => transports.delete(transport));
    });
  });
});
// The secret of tests is made up by each process; this one shares its parent's.
const [, , tokenSecret, workerCount, auditLog] = process.argv;
const server = await startTestServer({
  config: { ...serverOptions, tokenSecret, workers: Number(workerCount), ...(auditLog !== undefined && { auditLog }) },
});

const answers = {
  /** Lines of the log, level warn and above, since the last time. */
  state: async () => ({ pids: server.app.engine.status.pids, log: server.problems.splice(0) }),
  heap: async () => {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    return { heapBytes: process.memoryUsage().heapUsed };
  },
  inventory: () => keeper.take(server.app),
  /** Whether the workers hold what the server says; the difference, where they do not. */
  books: async () => {
    try {
      await workersAgree({ server, workers: [...workers], routers });
      return { difference: '' };
    } catch (error) {
      return { difference: String(error) };
    }
  },
} as const;

export type Question = keyof typeof answers;
export type AnswerTo<Q extends Question> = Awaited<ReturnType<(typeof answers)[Q]>>;

process.on('message', ({ id, question }: { id: number; question: Question }) => {
  answers[question]().then(
    (answer) => process.send?.({ id, answer }),
    // A worker that has died cannot be asked, for example; the parent says so.
    (error) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => {
  // What was logged has been told; the rest comes of clients that are cut off.
  server.problems.splice(0);
  server.close().then(
    () => process.exit(),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.({ url: server.url, adminUrl: server.adminUrl });
