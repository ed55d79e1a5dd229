import { startTestServer } from '../../support/testServer.ts';
import { wideLimits } from '../../support/wideLimits.ts';
import { InventoryKeeper } from './inventory.ts';

/** The server of the visits; it ends when its parent does. See VisitServer.ts. */

const keeper = new InventoryKeeper();
// The secret of tests is made up by each process; this one shares its parent's.
const [, , tokenSecret] = process.argv;
// More come from one address, and faster, than to any server.
const server = await startTestServer({ config: { ...wideLimits, tokenSecret } });
process.send?.({ url: server.url, workerPids: server.app.engine.status.pids });
process.on('message', (question) => {
  if (question === 'heap') {
    // Without the pages that V8 keeps for the next burst: how many those are depends on when it last collected.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    process.send?.({ heapBytes: process.memoryUsage().heapUsed });
    return;
  }
  keeper.take(server.app).then(
    (inventory) => process.send?.(inventory),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => {
  server.close().then(
    () => process.exit(),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
