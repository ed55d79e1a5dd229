import { performance } from 'node:perf_hooks';
import type { Config } from '../../../../src/config.ts';
import { LoadMeeting, type Role } from '../../../load/meeting/LoadMeeting.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import type { Size } from '../../../load/meeting/views.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { pause } from '../forwarding/Forwarder.ts';

export interface MeetingPlan {
  participants: number;
  /** How many of them send video; all send audio. */
  videos: number;
  /** How many videos each looks at: the same first page of the grid. */
  view: number;
  /** How large each of them is drawn; it chooses the layer. */
  tile: Size;
  /** How many talk at a time, in turns. */
  speakers: number;
  /** Whether a silent microphone sends hardly anything. */
  dtx: boolean;
  config?: Partial<Config>;
  settleMs: number;
  windowMs: number;
}

/** What a meeting took, each second. */
export interface MeetingUse {
  /** Packets of subscriptions that reached participants. */
  packetsOut: number;
  /** UDP payload of all kinds that reached participants. */
  bitsOut: number;
  /** Packets that participants sent, retransmissions included. */
  packetsIn: number;
  /** CPU seconds. */
  workers: number;
  node: number;
  /** Share of the time in which the load client's thread was busy. */
  busy: number;
  lossRatio: number;
}

const joinsPerSecond = 20;

/** Fills a room of a server of its own and takes what it uses once everything flows. */
export async function measureMeeting(context: LoadContext, plan: MeetingPlan): Promise<MeetingUse> {
  const { participants, videos, view, tile, speakers, dtx, config, settleMs, windowMs } = plan;
  const server = await BenchServer.start(config && { config });
  const token = (room: string, identity: string) => server.token(room, identity);
  const meeting = new LoadMeeting(context, { url: server.url, room: 'meeting', token, view, tile, speakers, dtx });
  try {
    const roles = Array.from({ length: participants }, (_, index): Role => (index < videos ? 'publisher' : 'audio'));
    await meeting.ramp(roles, joinsPerSecond);
    await pause(settleMs);
    meeting.startMeasuring();
    const startedAt = performance.now();
    const used = server.watchCpu();
    await pause(windowMs);
    const { node, workers } = used();
    const seconds = (performance.now() - startedAt) / 1000;
    const { packets, bytesIn, sent } = meeting.totals;
    const { clientBusy, lossRatio, failures } = meeting.report();
    if (Object.keys(failures).length > 0) throw new Error(`the load could not be made: ${JSON.stringify(failures)}`);
    return {
      packetsOut: packets / seconds,
      bitsOut: (bytesIn * 8) / seconds,
      packetsIn: sent / seconds,
      workers: workers / seconds,
      node: node / seconds,
      busy: clientBusy,
      lossRatio,
    };
  } finally {
    await meeting.close();
    await server.close();
  }
}
