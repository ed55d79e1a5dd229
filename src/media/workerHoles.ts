import { readFile } from 'node:fs/promises';
import { workerBin } from 'mediasoup';

/** What deploy/worker/patch-transport.cmake has the worker say instead of dying; it stands in no other worker. */
const mendedText = 'SCTP packet dropped: ';

/** What to do where the worker has the hole. */
export const holeWarning =
  'the mediasoup worker has a hole: one SCTP packet of a participant ends it, and all calls on it stand still for a second ' +
  'or two. A worker without it: npm run worker (some minutes, once), and no MEDIASOUP_WORKER_BIN that names another one';

/**
 * Whether it is a worker that a participant can end, as mediasoup's own up to 3.27.1 are, downloaded or built.
 * @param program the worker that is started, by default
 */
export async function hasHole(program: string = workerBin): Promise<boolean> {
  return !(await readFile(program)).includes(mendedText);
}
