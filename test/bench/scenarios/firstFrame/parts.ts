import { launchChromium } from '../../../support/chromium.ts';
import { type Figure, figure, percentile } from '../../report.ts';
import type { Scenario, ScenarioOptions } from '../../scenario.ts';
import { BenchServer } from '../../server/BenchServer.ts';
import { overBadLine } from './badLine.ts';
import { buildPage } from './buildPage.ts';
import { onLoopback } from './loopback.ts';
import { camera, openPage } from './publishers.ts';
import { inARush } from './rush.ts';
import { programs, timeToReady } from './startTime.ts';

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
  return new Promise((resolve) => setTimeout(resolve, 2500));
}

/** Somebody opens a link and sees the others: how long that takes, and what the server needs for it. */
export const firstFrame: Scenario['parts'] = {
  loopback: onLoopback,
  rush: inARush,
  'bad-line': overBadLine,
  memory,
  start: startTime,
};
