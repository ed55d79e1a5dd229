import { startTestServer } from '../../support/testServer.ts';
import type { ServerReady } from './BenchServer.ts';
import { countSocketBytes } from './socketBytes.ts';

/** The server of a benchmark; it ends when the benchmark does. See BenchServer.ts. */

const socketBytes = countSocketBytes();
const { host = '127.0.0.1', clientFolder, config } = JSON.parse(process.argv[2] ?? '{}');
const server = await startTestServer({ config: { maxAddressSockets: 100_000, ...config, host }, clientFolder });
const ready: ServerReady = {
  port: Number(new URL(server.url).port),
  adminUrl: server.adminUrl,
  workerPids: server.app.engine.status.pids,
};
process.send?.(ready);
process.on('message', (question) => {
  if (question === 'use') {
    process.send?.({ cpuMicroseconds: process.cpuUsage(), socketBytes: socketBytes() });
    return;
  }
  globalThis.gc?.();
  process.send?.({ heapBytes: process.memoryUsage().heapUsed });
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
