import type { Browser } from 'playwright-core';
import { type Figure, figure, percentile } from '../../report.ts';
import type { BenchServer } from '../../server/BenchServer.ts';
import type { JoinMeasure } from './pageContract.ts';

export interface JoinPlan {
  server: BenchServer;
  browser: Browser;
  /** The page as the joining browser reaches it. */
  url: string;
  room: string;
  /** How many videos there are to be seen. */
  videos: number;
  repeat: number;
  /** Connects before the clock starts. */
  prepare?: boolean;
}

export interface JoinSeries {
  joins: JoinMeasure[];
  /** TCP and WebSocket alone, by the same pages. */
  handshakes: number[];
}

/** Time for the room to forget the last visitor, so that each one is the only one. */
const pauseMs = 700;

/** Joins again and again, each time with a new browser context: nothing is warm but the machine. */
export async function measureJoins(plan: JoinPlan): Promise<JoinSeries> {
  const { server, browser, url, room, videos, repeat, prepare = false } = plan;
  const joins: JoinMeasure[] = [];
  const handshakes: number[] = [];
  for (let turn = 0; turn < repeat; turn += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    try {
      const page = await context.newPage();
      await page.goto(url);
      await page.waitForFunction(() => window.bench !== undefined);
      const token = await server.token(room, `visitor-${turn}`);
      if (prepare) await page.evaluate((given) => window.bench.prepare(given), token);
      await page.waitForTimeout(200);
      joins.push(await page.evaluate(([given, count]) => window.bench.join(given, count), [token, videos] as const));
      await page.evaluate(() => window.bench.leave());
      handshakes.push(await page.evaluate(() => window.bench.handshake()));
    } finally {
      await context.close();
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return { joins, handshakes };
}

interface Named {
  name: string;
  value: number;
}

/** Median and 95th percentile of the first frame, and the most requests that any of the joins needed. */
export function joinFigures(
  where: string,
  { joins }: JoinSeries,
  { aim, beside }: { aim?: number; beside: (share: number) => Named },
): Figure[] {
  const first = joins.map(({ firstMs }) => firstMs);
  return [
    figure(`${where}: first frame, p50`, percentile(first, 0.5), 'ms', {
      comparedWith: beside(0.5),
      ...(aim !== undefined && { aim }),
    }),
    figure(`${where}: first frame, p95`, percentile(first, 0.95), 'ms', { comparedWith: beside(0.95) }),
  ];
}

/** Until each video had its first frame. */
export function lastFrame({ joins }: JoinSeries, share: number): number {
  return percentile(
    joins.map(({ allMs }) => allMs),
    share,
  );
}

export const handshakeOf =
  ({ handshakes }: JoinSeries) =>
  (share: number) => ({ name: 'TCP and WebSocket handshake alone', value: percentile(handshakes, share) });

export function firstFrame({ joins }: JoinSeries, share: number): number {
  return percentile(
    joins.map(({ firstMs }) => firstMs),
    share,
  );
}

export function mostRequests({ joins }: JoinSeries): number {
  // Without the join itself nothing was counted, and any figure would look good.
  if (!joins.every(({ requests }) => requests.includes('join'))) throw new Error('the requests were not seen');
  return Math.max(...joins.map(({ requests }) => requests.length));
}

/** Where the time goes: the median moment of each step, as a share of the median first frame. */
export function stepFigures(where: string, { joins }: JoinSeries): Figure[] {
  const whole = percentile(
    joins.map(({ firstMs }) => firstMs),
    0.5,
  );
  const comparedWith = { name: 'first frame', value: whole };
  return (joins[0]?.steps ?? []).flatMap(({ step }) => {
    const moments = joins.flatMap(({ steps }) => steps.filter((each) => each.step === step).map(({ ms }) => ms));
    const median = percentile(moments, 0.5);
    return Number.isNaN(median) ? [] : [figure(`${where}: until ${step}, p50`, median, 'ms', { comparedWith })];
  });
}
