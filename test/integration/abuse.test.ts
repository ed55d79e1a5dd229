import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { attackText } from '../bench/scenarios/attacker/attackText.ts';
import { type AttackOrder, attackReport } from '../bench/scenarios/attacker/plan.ts';
import { fakeCamera } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

/** Limits and caps over real sockets, with real workers behind them. */

const limited = {
  ok: false,
  error: { code: 'rate-limited', message: expect.any(String), retryAfterMs: expect.any(Number) },
};
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const chat = () => requestExamples.sendChat();

describe('limits', () => {
  const few = { perSecond: 2, burst: 3 };
  const stage = setStage({
    config: {
      ...wideLimits,
      limitJoins: { ...wideLimits.limitJoins, socket: few },
      limitChat: { ...wideLimits.limitChat, socket: few, room: { perSecond: 2, burst: 5 } },
      maxSubscriptions: 2,
    },
  });

  /** Asks until it is refused, waits as it is told, and asks once more. */
  async function untilRefused(ask: () => Promise<{ ok: boolean; error?: object }>): Promise<number> {
    let before = 0;
    for (let answer = await ask(); ; answer = await ask()) {
      const { error } = answer;
      if (error && 'retryAfterMs' in error) {
        expect(answer).toEqual(limited);
        // Exactly as long as it was told to wait.
        await pass(Number(error.retryAfterMs));
        expect(await ask()).not.toMatchObject(limited);
        return before;
      }
      before += 1;
      expect(before, 'there is a limit').toBeLessThan(100);
    }
  }

  test('of joins: it says when to come again, then it is heard; others join meanwhile', async () => {
    const ada = await stage.client('joins', 'ada');
    expect(await untilRefused(() => ada.ask('join', {}))).toBeGreaterThanOrEqual(3);
    await stage.joined('joins', 'bob');
    await waitFor('her to be let in', async () => (await ada.ask('join', requestExamples.join())).ok, {
      intervalMs: 100,
    });
  });

  test('of chat: for a socket, and for a room; another room is not affected', async () => {
    const ada = await stage.joined('chat', 'ada');
    const eve = await stage.joined('elsewhere', 'eve');
    expect(await untilRefused(() => ada.ask('sendChat', chat()))).toBeGreaterThanOrEqual(3);
    const others = await Promise.all(['b', 'c', 'd'].map((name) => stage.joined('chat', name)));
    const answers = await Promise.all(
      others.flatMap((each) => [each.ask('sendChat', chat()), each.ask('sendChat', chat())]),
    );
    expect(answers, 'the room has had its share').toContainEqual(limited);
    expect((await ada.ask('raiseHand', requestExamples.raiseHand())).ok).toBe(true);
    expect((await eve.ask('sendChat', chat())).ok).toBe(true);
  });

  test('of what one receives', async () => {
    const ada = await stage.joined('many', 'ada');
    const videos: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      videos.push((await ada.request('publish', fakeCamera(newRequestId()))).publicationId);
    }
    const bob = await stage.joined('many', 'bob');
    expect(bob.answer.subscriptions).toHaveLength(2);
    expect(stage.consumers).toHaveLength(2);
    const [first = ''] = bob.answer.subscriptions.map(({ publicationId }) => publicationId);
    await ada.request('unpublish', { requestId: newRequestId(), publicationId: first });
    await bob.next('subscriptionsAdded');
    await waitFor('two again', () => stage.consumers.length === 2);
    expect(videos).toContain(first);
  });
});

describe('a server that is full', () => {
  const stage = setStage({ config: { maxRooms: 2, maxServerParticipants: 3 } });

  test('takes no more rooms and no more participants, and somebody as soon as there is a place', async () => {
    await stage.joined('one', 'ada');
    const bob = await stage.joined('two', 'bob');
    const eve = await stage.client('three', 'eve');
    await expect(eve.join()).rejects.toMatchObject({ code: 'server-full' });
    await stage.joined('one', 'cyd');
    const dan = await stage.client('one', 'dan');
    await expect(dan.join()).rejects.toMatchObject({ code: 'server-full' });
    // Who comes again takes no second place.
    await stage.joined('one', 'ada');
    await bob.request('leave', {});
    await waitFor('the room to end', () => stage.server.app.registry.rooms.length === 1);
    await eve.join();
  });
});

describe('an attack at ten times the limits', () => {
  const stage = setStage({
    config: {
      limitConnects: {
        identity: { perSecond: 5, burst: 100 },
        address: { perSecond: 20, burst: 50 },
        room: { perSecond: 100, burst: 1000 },
      },
      limitHttp: { address: { perSecond: 20, burst: 50 } },
      limitTokens: { address: { perSecond: 5, burst: 20 } },
      limitRequests: {
        ...wideLimits.limitRequests,
        socket: { perSecond: 20, burst: 40 },
        identity: { perSecond: 40, burst: 80 },
      },
    },
  });

  test('harms nobody: all that others ask is answered, and they come and go', async () => {
    const ada = await stage.joined('victims', 'ada');
    await stage.joined('victims', 'bob');
    const order: AttackOrder = {
      host: '127.0.0.1',
      port: Number(new URL(stage.server.url).port),
      localAddress: '127.0.0.2',
      rtcPorts: [],
      seconds: 6,
      rates: { connects: 200, joins: 100, requests: 1200, chat: 200, data: 0, http: 200, datagrams: 0 },
      tokens: await Promise.all([
        stage.server.token('victims', 'mallory'),
        stage.server.token('victims', 'trudy'),
        stage.server.token('elsewhere', 'mallory'),
      ]),
      room: 'victims',
    };
    const program = fileURLToPath(new URL('../bench/scenarios/attacker/attackerProcess.ts', import.meta.url));
    let over = false;
    const attacking = promisify(execFile)(process.execPath, [program, JSON.stringify(order)]).finally(() => {
      over = true;
    });
    const times: number[] = [];
    let coming = 0;
    while (!over) {
      const before = performance.now();
      expect(await ada.ask('raiseHand', requestExamples.raiseHand())).toEqual({ ok: true, data: {} });
      times.push(performance.now() - before);
      coming += 1;
      const newcomer = await stage.joined('victims', `newcomer-${coming % 3}`);
      expect(await newcomer.ask('leave', {})).toMatchObject({ ok: true });
      await pass(100);
    }
    const report = attackReport.parse(JSON.parse((await attacking).stdout));
    const { connects, joins, requests, chat, http } = report.answers;
    const longest = Math.round(Math.max(...times));
    console.info(
      `${times.length} requests of a victim took ${longest} ms at most; the attacker:\n${attackText(report).join('\n')}`,
    );
    expect(times.length).toBeGreaterThan(10);
    expect(longest).toBeLessThan(1000);
    expect(connects['HTTP 400']).toBeGreaterThan(connects.welcome ?? 0);
    expect(connects['bad token: unauthorized']).toBeGreaterThan(0);
    expect(connects['thrown out']).toBeGreaterThan(0);
    expect((requests['rate-limited'] ?? 0) + (chat['rate-limited'] ?? 0)).toBeGreaterThan(100);
    expect(joins.ok).toBeGreaterThan(0);
    // Whoever watches the server is answered, also behind the attacker's address.
    expect(http['200']).toBeGreaterThan(100);
    expect(http['429']).toBeGreaterThan(100);
    for (const outcomes of Object.values(report.answers)) {
      expect(outcomes).not.toHaveProperty('internal');
      expect(outcomes).not.toHaveProperty('500');
      expect(outcomes).not.toHaveProperty('bad token: LET IN');
    }
  });
});
