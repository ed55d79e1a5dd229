import fc from 'fast-check';
import { createAccessToken } from '../../../src/auth/index.ts';
import { testSecret } from '../../support/testServer.ts';
import { httpRequests, type RawRequest, sessionHere } from '../generate/httpRequests.ts';
import { connections } from '../generate/wsFrames.ts';
import { type Findings, slowestReplyMs } from '../world/Findings.ts';
import { Poller } from '../world/Poller.ts';
import { exchange } from '../world/tcp.ts';
import { type Attack, inParallel } from './Attack.ts';

const atOnce = 8;
/** What is not complete gets no answer; the server is given this long to do something wrong, in milliseconds. */
const lingerMs = 60;
/** An upgrade that is complete has been answered by then, also where the server is busy. */
const upgradeMs = 500;
const answered = (received: string) => /^HTTP\/1\.1 (?!100)\d{3}/m.test(received);

/** Of each answer, in their order. */
const statuses = (received: string) =>
  [...received.matchAll(/HTTP\/1\.1 (?!100)(\d{3}) /g)].map(([, status = '']) => status);
const statusOf = (received: string) => statuses(received)[0] ?? 'no answer';

/** WebSocket frames as no browser makes them, after upgrades that are right, wrong and half. */
export const framesAttack: Attack = {
  name: 'frames',
  share: 0.02,
  batch: 100,
  async run(seed, count, { url, findings }) {
    const list = fc.sample(connections, { numRuns: count, seed });
    await inParallel(list, atOnce, async ({ pieces, resets }) => {
      const ms = resets ? lingerMs : upgradeMs;
      const received = await exchange(url, pieces, { ms, enough: answered, lingerMs, resets });
      const status = statusOf(received);
      findings.outcomes.add('a connection for frames', status === '101' ? 'ok' : status);
    });
  },
};

/** HTTP requests with odd methods, addresses, headers and bodies, every second one in a session of engine.io over polling. */
export const httpAttack: Attack = {
  name: 'http',
  share: 0.03,
  batch: 100,
  async run(seed, count, target) {
    const { url, adminUrl, findings, rooms } = target;
    const token = await createAccessToken(testSecret, { room: `${rooms[0].name}-polling`, identity: 'poller' });
    const list = fc.sample(httpRequests, { numRuns: count, seed });
    const pollers = Array.from({ length: atOnce }, () => new Poller(url, token));
    await inParallel(list, atOnce, async (request, lane) => {
      const sid = request.polls ? await pollers[lane]?.sid() : undefined;
      const text = request.text.replaceAll(sessionHere, sid ?? '');
      await ask(lane === 0 && !request.polls ? adminUrl : url, { ...request, text }, findings);
    });
    for (const poller of pollers) {
      if (poller.entered > 0) findings.outcomes.add('a session over polling', 'ok');
      await poller.close();
    }
    const { status } = await fetch(`${url}/ready`);
    if (status !== 200) findings.add(`after all these requests the server is not ready: ${status}`);
  },
};

async function ask(url: string, request: RawRequest, findings: Findings): Promise<void> {
  const { text, whole, followed } = request;
  const replied = findings.reply(() => text.slice(0, 200));
  const ms = whole ? 2 * slowestReplyMs : lingerMs;
  // Who asks for two things closes the connection with the second.
  const enough = (received: string) => !followed && answered(received);
  const received = await exchange(url, [text], { ms, enough });
  if (whole) replied();
  const status = statusOf(received);
  findings.outcomes.add('an HTTP request', status === '200' ? 'ok' : status);
  for (const problem of problems(request, received)) {
    findings.add(`${problem}: ${JSON.stringify(text.slice(0, 300))}: ${JSON.stringify(received.slice(0, 300))}`);
  }
}

/** What must not be, whatever was asked. */
function problems({ text, whole, followed }: RawRequest, received: string): string[] {
  const found = statuses(received);
  // For a tunnel the connection is closed without a word.
  const unanswered = whole && found.length === 0 && !text.startsWith('CONNECT');
  // What closes the connection leaves the rest unread.
  const lost = followed && found.length === 1 && !/^connection: close/im.test(received);
  return [
    ...(found.some((status) => status.startsWith('5') && status !== '503') ? ['the server failed'] : []),
    ...(unanswered ? ['the server gave no answer'] : []),
    ...(lost ? ['a request behind another one was not answered'] : []),
    ...(followed && found.length > 2 ? ['what is in a body was answered'] : []),
    ...(followed && found.length === 2 && found[1] !== '200' ? ['another request was answered than came'] : []),
  ];
}
