import { performance } from 'node:perf_hooks';
import type { Config } from '../../../../src/config.ts';
import { LoadMeeting, type Role } from '../../../load/meeting/LoadMeeting.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import type { VideoSender } from '../../../load/sending/VideoSender.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { pause } from '../forwarding/Forwarder.ts';

export interface SpreadPlan {
  cameras: number;
  subscribers: number;
  /** How many videos each looks at, in tiles of an even grid. */
  view: number;
  windowMs: number;
  /** The rooms are measured so often, by turns: what else the machine does hits all alike. */
  rounds: number;
}

/** What one window has shown; CPU in seconds. */
export interface SpreadUse {
  packets: number;
  seconds: number;
  node: number;
  eachWorker: number[];
  /** Share of the time in which the load client's thread was busy. */
  busy: number;
}

const joinsPerSecond = 20;
/** Views are set, what is watched has been told to publishers, and pipes stand. */
const settleMs = 4000;
const warmUpMs = 2500;

/** A room on a server of its own, quiet but while it is measured. */
export class SpreadRoom {
  readonly name: string;
  readonly #server: BenchServer;
  readonly #meeting: LoadMeeting;
  readonly #cameras: readonly VideoSender[];

  static async open(
    context: LoadContext,
    name: string,
    plan: SpreadPlan,
    config: Partial<Config>,
  ): Promise<SpreadRoom> {
    const { cameras, subscribers, view } = plan;
    const server = await BenchServer.start({ config });
    const token = (room: string, identity: string) => server.token(room, identity);
    const meeting = new LoadMeeting(context, { url: server.url, room: 'cores', token, view });
    try {
      const roles: Role[] = [...Array<Role>(cameras).fill('camera'), ...Array<Role>(subscribers).fill('subscriber')];
      await meeting.ramp(roles, joinsPerSecond);
      await pause(settleMs);
      if (meeting.failures.size > 0) throw new Error(`the load could not be made: ${[...meeting.failures.keys()]}`);
      return new SpreadRoom(name, server, meeting);
    } catch (error) {
      await meeting.close();
      await server.close();
      throw error;
    }
  }

  private constructor(name: string, server: BenchServer, meeting: LoadMeeting) {
    this.name = name;
    this.#server = server;
    this.#meeting = meeting;
    this.#cameras = meeting.participants.flatMap(({ participant }) => [...participant.videos.values()]);
    for (const camera of this.#cameras) camera.stop();
  }

  /** How many publications are brought from one worker to another. */
  async pipes(): Promise<number> {
    const response = await fetch(new URL('/health', this.#server.adminUrl));
    const { workers } = await response.json();
    return workers.total.pipesIn;
  }

  /** Lets the cameras send for a while and counts what reaches participants, and what the server took for it. */
  async measure(windowMs: number): Promise<SpreadUse> {
    for (const camera of this.#cameras) {
      camera.makeKeyFrame();
      camera.start();
    }
    try {
      await pause(warmUpMs);
      this.#meeting.startMeasuring();
      const startedAt = performance.now();
      const loop = performance.eventLoopUtilization();
      const used = this.#server.watchCpu();
      await pause(windowMs);
      const { node, eachWorker } = used();
      const { packets, lost } = this.#meeting.totals;
      if (packets === 0) throw new Error(`${this.name}: nothing was received`);
      const { utilization: busy } = performance.eventLoopUtilization(loop);
      // What the client was too slow for has left the server all the same.
      return { packets: packets + lost, seconds: (performance.now() - startedAt) / 1000, node, eachWorker, busy };
    } finally {
      for (const camera of this.#cameras) camera.stop();
    }
  }

  async close(): Promise<void> {
    await this.#meeting.close();
    await this.#server.close();
  }
}
