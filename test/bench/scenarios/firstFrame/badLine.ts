import { chromiumPath, launchChromium } from '../../../support/chromium.ts';
import { available, Network } from '../../../support/network/index.ts';
import { type Figure, figure } from '../../report.ts';
import type { ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { buildPage } from './buildPage.ts';
import { firstFrame, handshakeOf, joinFigures, measureJoins, mostRequests, stepFigures } from './joins.ts';
import { crowdFigures } from './loopback.ts';
import { crowded, crowdSize, publish, publishCrowd, room } from './publishers.ts';

const line = { delayMs: 50, loss: 0.01 };

/** The visitor's line is bad; everybody else sits beside the server. */
export async function overBadLine({ repeat, say }: ScenarioOptions): Promise<Figure[]> {
  if (!available('the first frame over a bad line')) return [];
  const turns = Math.ceil((repeat * 3) / 10);
  const clientFolder = await buildPage();
  const network = new Network();
  try {
    const serverSide = network.namespace('server');
    const visitorSide = network.namespace('visitor');
    const cable = await network.cable(serverSide, visitorSide, line);
    const server = await BenchServer.start({ host: '0.0.0.0', clientFolder, namespace: serverSide });
    // The publisher sits beside the server: only the visitor's line is bad.
    const publishers = await launchChromium({ executablePath: serverSide.launcher(chromiumPath()) });
    const url = `http://${cable.ends[0].address}:${server.port}`;
    const browser = await launchChromium({
      devices: false,
      autoplay: false,
      executablePath: visitorSide.launcher(chromiumPath()),
      // mediasoup-client knows a headless Chromium only on an origin that counts as secure.
      args: [`--unsafely-treat-insecure-origin-as-secure=${url}`],
    });
    try {
      await publish(server, publishers, `http://127.0.0.1:${server.port}`);
      const plan = { server, browser, url, room, videos: 1, repeat: turns };
      say(`100 ms round-trip time, 1 % loss each way: ${turns} joins`);
      const cold = await measureJoins(plan);
      say(`the same after prepare(): ${turns} joins`);
      const prepared = await measureJoins({ ...plan, prepare: true });
      const besideCold = (share: number) => ({ name: 'without prepare()', value: firstFrame(cold, share) });
      await publishers.close();
      const crew = await publishCrowd(server, crowdSize, serverSide);
      say(`the same with ${crowdSize} publishers`);
      const many = await measureJoins({ ...plan, room: crowded, videos: crowdSize }).finally(() => crew.close());
      return [
        ...joinFigures('100 ms, 1 % loss', cold, { aim: 800, beside: handshakeOf(cold) }),
        ...stepFigures('100 ms, 1 % loss', cold),
        ...joinFigures('100 ms, 1 % loss, prepared', prepared, { beside: besideCold }),
        ...stepFigures('100 ms, 1 % loss, prepared', prepared),
        ...crowdFigures('100 ms, 1 % loss', many, cold),
        figure('100 ms, 1 % loss: signaling round trips, at most', mostRequests(cold), 'requests', { aim: 1 }),
        figure('100 ms, 1 % loss, prepared: signaling round trips, at most', mostRequests(prepared), 'requests', {
          aim: 1,
        }),
      ];
    } finally {
      await browser.close();
      await publishers.close();
      await server.close();
    }
  } finally {
    network.close();
  }
}
