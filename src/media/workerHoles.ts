import { readFile } from 'node:fs/promises';
import { workerBin } from 'mediasoup';

/** What can happen to a worker that lacks one of the mends in deploy/worker, as mediasoup's own up to 3.27.1 do. */
export interface Hole {
  /** What a mended worker can say; it stands in no other one. */
  mendedText: string;
  harm: string;
}

export const holes: readonly Hole[] = [
  {
    mendedText: 'SCTP packet dropped: ',
    harm: 'one SCTP packet of a participant ends it, and all calls on it stand still for a second or two',
  },
  {
    mendedText: 'RTP packet dropped: its encoding has another stream',
    harm: 'two RTP packets of a participant end it',
  },
  {
    mendedText: 'RTP packet dropped, it is too large: ',
    harm: 'one large RTP packet of a participant over TCP ends it',
  },
  {
    mendedText: 'TCP packet dropped, the client does not read',
    harm: 'a participant who does not read what comes over TCP makes its memory grow without end',
  },
  {
    mendedText: 'TCP connection closed, no valid ICE check has come over it',
    harm: 'strangers can take all its descriptors with idle TCP connections',
  },
];

const advice =
  'A worker without them: npm run worker (some minutes, once), and no MEDIASOUP_WORKER_BIN that names another one';

/** How each warning begins. */
export const warningStart = 'the mediasoup worker has holes: ';

/**
 * What can happen to the worker, and what to do; undefined where it has all mends, whoever brought it.
 * @param program the worker that is started, by default
 */
export async function holeWarning(program: string = workerBin): Promise<string | undefined> {
  const code = await readFile(program);
  const open = holes.filter(({ mendedText }) => !code.includes(mendedText));
  if (open.length === 0) return undefined;
  const harms = open.map(({ harm }) => harm).join('; ');
  return `${warningStart}${harms}. ${advice}`;
}
