import { randomBytes } from 'node:crypto';
import type { Result } from '../../src/protocol/index.ts';
import { MediaPath } from '../load/transport/MediaPath.ts';

/** As often as tests need it; browsers take 2.5 s. */
const intervalMs = 250;

/** What a living browser sends on both its transports at least: checks of the path (RFC 7675), and a little more. */
export class PathChecks {
  readonly #paths: MediaPath[];
  readonly #timer: NodeJS.Timeout;

  static async on({ sendTransport, recvTransport }: Result<'join'>): Promise<PathChecks> {
    const paths = await Promise.all(
      [sendTransport, recvTransport].map(({ iceParameters, iceCandidates }) => {
        const candidate = iceCandidates.find(({ protocol }) => protocol === 'udp');
        if (!candidate) throw new Error('the server offers no UDP');
        return MediaPath.open(
          { ip: candidate.address, port: candidate.port, protocol: 'udp' },
          {
            remoteFragment: iceParameters.usernameFragment,
            remotePassword: iceParameters.password,
            localFragment: 'here',
            tieBreaker: randomBytes(8),
          },
        );
      }),
    );
    return new PathChecks(paths);
  }

  private constructor(paths: MediaPath[]) {
    this.#paths = paths;
    this.#timer = setInterval(() => {
      for (const path of paths) {
        path.sendCheck();
        // The worker does not count the check. This is nothing that it knows, and so just bytes.
        path.socket.send(Buffer.from([255]));
      }
    }, intervalMs);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const path of this.#paths) path.close();
  }
}
