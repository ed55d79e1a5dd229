import { launchChromium } from '../../../support/chromium.ts';
import { type Figure, figure } from '../../report.ts';
import type { ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { buildPage } from './buildPage.ts';
import {
  firstFrame,
  handshakeOf,
  type JoinSeries,
  joinFigures,
  lastFrame,
  measureJoins,
  mostRequests,
  stepFigures,
} from './joins.ts';
import { crowded, crowdSize, publish, publishCrowd, room } from './publishers.ts';

const aimLastMs = 500;

/** One publisher in a browser, then a page full of them. */
export async function onLoopback({ repeat, say }: ScenarioOptions): Promise<Figure[]> {
  const turns = Math.ceil(repeat / 2);
  const clientFolder = await buildPage();
  const server = await BenchServer.start({ host: '127.0.0.1', clientFolder });
  const url = `http://127.0.0.1:${server.port}`;
  const publishers = await launchChromium();
  // Who only looks needs no device, no permission and no right to play sound.
  const browser = await launchChromium({ devices: false, autoplay: false });
  try {
    await publish(server, publishers, url);
    say(`loopback: ${turns} joins, one publisher`);
    const one = await measureJoins({ server, browser, url, room, videos: 1, repeat: turns });
    await publishers.close();
    const crew = await publishCrowd(server, crowdSize);
    try {
      say(`loopback: ${turns} joins, ${crowdSize} publishers`);
      const many = await measureJoins({ server, browser, url, room: crowded, videos: crowdSize, repeat: turns });
      return [
        ...joinFigures('loopback', one, { aim: 120, beside: handshakeOf(one) }),
        ...stepFigures('loopback', one),
        ...crowdFigures('loopback', many, one, aimLastMs),
        figure('signaling round trips to the first frame, at most', mostRequests(one), 'requests', { aim: 1 }),
        figure(`signaling round trips, ${crowdSize} publishers, at most`, mostRequests(many), 'requests', {
          aim: 1,
          comparedWith: { name: 'one publisher', value: mostRequests(one) },
        }),
      ];
    } finally {
      await crew.close();
    }
  } finally {
    await browser.close();
    await publishers.close();
    await server.close();
  }
}

/** First and last tile. */
export function crowdFigures(where: string, many: JoinSeries, one: JoinSeries, aim?: number): Figure[] {
  const beside = (share: number) => ({ name: 'one publisher', value: firstFrame(one, share) });
  const name = `${where}, ${crowdSize} publishers`;
  return [
    ...joinFigures(name, many, { beside }),
    figure(`${name}: last first frame, p50`, lastFrame(many, 0.5), 'ms', {
      comparedWith: beside(0.5),
      ...(aim !== undefined && { aim }),
    }),
    figure(`${name}: last first frame, p95`, lastFrame(many, 0.95), 'ms', { comparedWith: beside(0.95) }),
  ];
}
