import type { Browser } from 'playwright-core';
import { chromiumPath, launchChromium } from '../../../support/chromium.ts';
import { available, Network } from '../../../support/network/index.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { buildPage } from './buildPage.ts';
import { type JoinSeries, joinFigures, measureJoins, mostRequests, stepFigures } from './joins.ts';
import { programs, timeToReady } from './startTime.ts';

const camera = { width: 1280, height: 720 };
const room = 'first-frame';
/** Publishers in the room where the number of publications is what is measured. */
const many = 9;
const line = { delayMs: 50, loss: 0.01 };

const handshakeOf =
  ({ handshakes }: JoinSeries) =>
  (share: number) => ({ name: 'TCP and WebSocket handshake alone', value: percentile(handshakes, share) });

async function openPage(browser: Browser, url: string) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error('the page of the benchmark:', error));
  await page.goto(url);
  await page.waitForFunction(() => window.bench !== undefined);
  return page;
}

/** Somebody who sends camera and microphone, in a browser of their own. */
async function publish(server: BenchServer, browser: Browser, url: string) {
  const page = await openPage(browser, url);
  const token = await server.token(room, 'publisher');
  await page.evaluate(([given, options]) => window.bench.publishDevices(given, options), [
    token,
    { ...camera, receives: false },
  ] as const);
  return page;
}

async function onLoopback({ repeat, say }: ScenarioOptions): Promise<Figure[]> {
  const clientFolder = await buildPage();
  const server = await BenchServer.start({ host: '127.0.0.1', clientFolder });
  const url = `http://127.0.0.1:${server.port}`;
  const publishers = await launchChromium();
  // Who only looks needs no device, no permission and no right to play sound.
  const browser = await launchChromium({ devices: false, autoplay: false });
  try {
    const publisher = await publish(server, publishers, url);
    const plan = { server, browser, url, room };
    say(`loopback: ${repeat} joins, one publisher`);
    const one = await measureJoins({ ...plan, videos: 1, repeat });
    for (let count = 1; count < many; count += 1) {
      const token = await server.token(room, `painter-${count}`);
      await publisher.evaluate((given) => window.bench.publishPainted(given), token);
    }
    say(`loopback: ${repeat} joins, ${many} publishers`);
    const nine = await measureJoins({ ...plan, videos: many, repeat });
    const first = (series: JoinSeries, share: number) =>
      percentile(
        series.joins.map(({ firstMs }) => firstMs),
        share,
      );
    const besideOne = (share: number) => ({ name: 'one publisher', value: first(one, share) });
    const allMs = percentile(
      nine.joins.map(({ allMs }) => allMs),
      0.5,
    );
    return [
      ...joinFigures('loopback', one, { aim: 120, beside: handshakeOf(one) }),
      ...stepFigures('loopback', one),
      ...joinFigures(`loopback, ${many} publishers`, nine, { beside: besideOne }),
      figure(`loopback, ${many} publishers: all ${many} first frames, p50`, allMs, 'ms', {
        comparedWith: besideOne(0.5),
      }),
      figure('signaling round trips to the first frame, at most', mostRequests(one), 'requests', { aim: 1 }),
      figure(`signaling round trips, ${many} publishers, at most`, mostRequests(nine), 'requests', {
        aim: 1,
        comparedWith: { name: 'one publisher', value: mostRequests(one) },
      }),
    ];
  } finally {
    await browser.close();
    await publishers.close();
    await server.close();
  }
}

async function overBadLine({ repeat, say }: ScenarioOptions): Promise<Figure[]> {
  if (!available('the first frame over a bad line')) return [];
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
      const plan = { server, browser, url, room, videos: 1, repeat };
      say(`100 ms round-trip time, 1 % loss each way: ${repeat} joins`);
      const cold = await measureJoins(plan);
      say(`the same after prepare(): ${repeat} joins`);
      const prepared = await measureJoins({ ...plan, prepare: true });
      const besideCold = (share: number) => ({
        name: 'without prepare()',
        value: percentile(
          cold.joins.map(({ firstMs }) => firstMs),
          share,
        ),
      });
      return [
        ...joinFigures('100 ms, 1 % loss', cold, { aim: 800, beside: handshakeOf(cold) }),
        ...stepFigures('100 ms, 1 % loss', cold),
        ...joinFigures('100 ms, 1 % loss, prepared', prepared, { beside: besideCold }),
        ...stepFigures('100 ms, 1 % loss, prepared', prepared),
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

async function memory({ say }: ScenarioOptions): Promise<Figure[]> {
  say('memory of the server');
  const clientFolder = await buildPage();
  const server = await BenchServer.start({ host: '127.0.0.1', clientFolder });
  const url = `http://127.0.0.1:${server.port}`;
  const browser = await launchChromium();
  try {
    await settle();
    const idle = server.memory();
    for (const name of ['ada', 'bob', 'eve']) {
      const page = await openPage(browser, url);
      const token = await server.token('three', name);
      await page.evaluate(([given, options]) => window.bench.publishDevices(given, options), [
        token,
        { ...camera, receives: true },
      ] as const);
    }
    await settle();
    const three = server.memory();
    const beside = (part: 'node' | 'workers') => ({ comparedWith: { name: 'idle', value: idle[part] } });
    return [
      figure('memory of Node, idle', idle.node, 'MB'),
      figure('memory of Node, a meeting of three', three.node, 'MB', beside('node')),
      figure('memory of two workers, idle', idle.workers, 'MB'),
      figure('memory of two workers, a meeting of three', three.workers, 'MB', beside('workers')),
    ];
  } finally {
    await browser.close();
    await server.close();
  }
}

async function startTime({ say }: ScenarioOptions): Promise<Figure[]> {
  say('time of a warm npm start');
  // The first run builds what is missing.
  await timeToReady(programs['npm start']);
  const took: Record<keyof typeof programs, number[]> = { 'npm start': [], 'the server alone': [] };
  for (let run = 0; run < 5; run += 1) {
    for (const name of ['npm start', 'the server alone'] as const) took[name].push(await timeToReady(programs[name]));
  }
  const alone = { name: 'the server alone', value: percentile(took['the server alone'], 0.5) };
  return [
    figure('warm npm start, p50', percentile(took['npm start'], 0.5), 'ms', { comparedWith: alone, aim: 5000 }),
    figure('warm npm start, slowest of 5', Math.max(...took['npm start']), 'ms', { comparedWith: alone }),
  ];
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4000));
}

/** Somebody opens a link and sees the others: how long that takes, and what the server needs for it. */
export const firstFrame: Scenario['parts'] = {
  loopback: onLoopback,
  'bad-line': overBadLine,
  memory,
  start: startTime,
};
