import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { type LoadContext, LoadParticipant, type WantedView } from '../../../load/meeting/LoadParticipant.ts';
import type { VideoSender } from '../../../load/sending/VideoSender.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { pause } from '../forwarding/Forwarder.ts';
import { keyFrameIntervalMs } from './publishers.ts';

const cameras = 4;
/** So many join so soon after one another. */
const visitors = 10;
const gapMs = 60;
/** For the last pictures to arrive. */
const patienceMs = 1500;
/** The two are measured by turns: what else the machine does hits both. */
const rounds = 2;

interface Rush {
  /** From the beginning of a visitor's connection to a key frame of each camera. */
  pictureMs: number[];
  missed: number;
  /** Requests over RTCP that reached a camera while all of them joined. */
  asked: number[];
}

/**
 * Ten people join at once. Cameras answer requests for key frames as browsers do: not so soon after another one; that is
 * what the server's delay is for.
 */
export async function inARush({ repeat, say }: ScenarioOptions): Promise<Figure[]> {
  const context = await createContext(say);
  const times = Math.ceil(repeat / 10);
  const on: Rush = { pictureMs: [], missed: 0, asked: [] };
  const off: Rush = { pictureMs: [], missed: 0, asked: [] };
  for (let round = 0; round < rounds; round += 1) {
    say(`${visitors} people join ${gapMs} ms after one another, ${times} times; then without the delay of key frames`);
    await measure(context, {}, times, on);
    await measure(context, { keyFrameDelay: 0 }, times, off);
  }
  const name = `${visitors} join ${gapMs} ms apart`;
  const picture = (share: number) => (rush: Rush) => percentile(rush.pictureMs, share);
  const beside = (value: (rush: Rush) => number) => ({ comparedWith: { name: 'keyFrameDelay 0', value: value(off) } });
  const asked = ({ asked: each }: Rush) => each.reduce((sum, count) => sum + count, 0) / each.length;
  const missed = (rush: Rush) => rush.missed;
  return [
    figure(`${name}: first picture, p50`, picture(0.5)(on), 'ms', beside(picture(0.5))),
    figure(`${name}: first picture, p95`, picture(0.95)(on), 'ms', beside(picture(0.95))),
    figure(`${name}: first picture, slowest`, picture(1)(on), 'ms', beside(picture(1))),
    figure(`${name}: pictures that never came`, missed(on), 'pictures', { ...beside(missed), aim: 0 }),
    figure(`${name}: requests that reach each camera`, asked(on), 'requests', beside(asked)),
  ];
}

async function measure(
  context: LoadContext,
  config: { keyFrameDelay?: number },
  times: number,
  result: Rush,
): Promise<void> {
  const server = await BenchServer.start({ config });
  const present: LoadParticipant[] = [];
  const join = async (identity: string, view: WantedView): Promise<LoadParticipant> => {
    const token = await server.token('rush', identity);
    const participant = await LoadParticipant.join(context, { url: server.url, token, view, roster: false });
    present.push(participant);
    return participant;
  };
  try {
    const senders: VideoSender[] = [];
    for (let index = 0; index < cameras; index += 1) {
      const { sender } = await (await join(`camera-${index}`, { videos: [] })).publishVideo();
      sender.keyFrameIntervalMs = keyFrameIntervalMs;
      senders.push(sender);
    }
    // What nobody watches would not be sent.
    await join('watcher', 'auto');
    await pause(patienceMs);
    for (let time = 0; time < times; time += 1) {
      const before = senders.map(({ keyFrameRequests }) => keyFrameRequests);
      const joins: Promise<LoadParticipant>[] = [];
      for (let index = 0; index < visitors; index += 1) {
        joins.push(join(`visitor-${time}-${index}`, 'auto'));
        await pause(gapMs);
      }
      const people = await Promise.all(joins);
      await pause(patienceMs);
      for (const { receptions, startedAt } of people) {
        const videos = receptions.filter(({ keyFrameAt }) => keyFrameAt > 0);
        result.pictureMs.push(...videos.map(({ keyFrameAt }) => keyFrameAt - startedAt));
        result.missed += cameras - videos.length;
      }
      result.asked.push(...senders.map(({ keyFrameRequests }, index) => keyFrameRequests - (before[index] ?? 0)));
      await Promise.all(people.map((person) => person.close()));
    }
  } finally {
    await Promise.all(present.map((participant) => participant.close()));
    await server.close();
  }
}
