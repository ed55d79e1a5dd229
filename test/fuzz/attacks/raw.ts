import fc from 'fast-check';
import { httpRequests } from '../generate/httpRequests.ts';
import { connections } from '../generate/wsFrames.ts';
import { slowestReplyMs } from '../world/Findings.ts';
import { exchange } from '../world/tcp.ts';
import { type Attack, inParallel } from './Attack.ts';

const atOnce = 8;
/** What is not complete gets no answer; the server is given this long to do something wrong, in milliseconds. */
const lingerMs = 60;
/** An upgrade that is complete has been answered by then, also where the server is busy. */
const upgradeMs = 500;
const answered = (received: string) => /^HTTP\/1\.1 (?!100)\d{3}/m.test(received);

const statusOf = (received: string) => /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 'no answer';

/** WebSocket frames as no browser makes them, after upgrades that are right, wrong and half. */
export const framesAttack: Attack = {
  name: 'frames',
  share: 0.02,
  batch: 100,
  async run(seed, count, { url, findings }) {
    const list = fc.sample(connections, { numRuns: count, seed });
    await inParallel(list, atOnce, async (pieces) => {
      const received = await exchange(url, pieces, { ms: upgradeMs, enough: answered, lingerMs });
      const status = statusOf(received);
      findings.outcomes.add('a connection for frames', status === '101' ? 'ok' : status);
    });
  },
};

/** HTTP requests with odd methods, addresses, headers and bodies, polling of engine.io among them. */
export const httpAttack: Attack = {
  name: 'http',
  share: 0.03,
  batch: 100,
  async run(seed, count, { url, adminUrl, findings }) {
    const list = fc.sample(httpRequests, { numRuns: count, seed });
    await inParallel(list, atOnce, async ({ text, whole }, lane) => {
      const replied = findings.reply(() => text.slice(0, 200));
      const ms = whole ? 2 * slowestReplyMs : lingerMs;
      const received = await exchange(lane === 0 ? adminUrl : url, [text], { ms, enough: answered });
      if (whole) replied();
      const status = statusOf(received);
      findings.outcomes.add('an HTTP request', status === '200' ? 'ok' : status);
      if (/^HTTP\/1\.1 500/.test(received)) findings.add(`the server failed at ${JSON.stringify(text.slice(0, 300))}`);
    });
  },
};
