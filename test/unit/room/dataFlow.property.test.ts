import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataLink } from '../../../src/client/DataLink.ts';
import { createLog } from '../../../src/log.ts';
import { DeliveryError, PlenumError, receiverWindowBytes, senderWindowBytes } from '../../../src/protocol/index.ts';
import { DataRelay } from '../../../src/room/DataRelay.ts';
import { unlimited } from '../../../src/room/TokenBucket.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { FakeDataBus, FakeDataLine, usualDataLimits } from '../../support/FakeDataBus.ts';
import { FakeEngine, FakeRouter, FakeTransport } from '../../support/fakeEngine.ts';

/**
 * The SDK's end of the data bus against the server's, over a network that delivers when the test lets it: nothing gets
 * lost, overtaken or stuck, and neither the server nor the worker holds more than it may.
 */

type Step =
  | { do: 'send'; who: number; to: number | 'all'; bytes: number }
  /** Lets so many messages through from or to somebody. */
  | { do: 'up' | 'down'; who: number; count: number }
  | { do: 'wait'; ms: number }
  | { do: 'leave' | 'move'; who: number };

interface Sent {
  text: string;
  to: string | 'all';
  /** undefined: not settled. */
  outcome: 'ok' | readonly string[] | PlenumError | undefined;
}

const silent = createLog({ level: 'silent', format: 'json' });
const engine = new FakeEngine();

class Party {
  readonly name: string;
  readonly line: FakeDataLine;
  readonly transport = new FakeTransport(engine, new FakeRouter(engine, 'worker'));
  readonly up: Uint8Array[] = [];
  readonly down: Uint8Array[] = [];
  readonly sent: Sent[] = [];
  readonly heard: { from: string; text: string }[] = [];
  readonly errors: PlenumError[] = [];
  missed = 0;
  gone = false;
  readonly link: DataLink;

  constructor(name: string, bus: FakeDataBus) {
    this.name = name;
    this.line = new FakeDataLine(bus);
    this.line.onReceived = (kind, bytes) => {
      if (kind === 'reliable') this.down.push(bytes);
    };
    this.link = new DataLink(
      { buffered: () => 0, send: (_, frame) => void this.up.push(frame) },
      {
        message: ({ header, payload }) => {
          const text = new TextDecoder().decode(payload.subarray(0, payload.indexOf(0)));
          this.heard.push({ from: header.participantId ?? '', text });
        },
        missed: (messages) => {
          this.missed += messages;
        },
        error: (error) => void this.errors.push(error),
      },
    );
  }

  send(text: string, to: string | 'all', bytes: number): void {
    const payload = new Uint8Array(bytes + text.length + 1);
    new TextEncoder().encodeInto(text, payload);
    const sent: Sent = { text, to, outcome: undefined };
    this.sent.push(sent);
    this.link.send('reliable', to === 'all' ? {} : { to: [to] }, payload).then(
      () => {
        sent.outcome = 'ok';
      },
      (error: unknown) => {
        sent.outcome = error instanceof DeliveryError ? error.recipients : (error as PlenumError);
      },
    );
  }

  carryUp(count: number): void {
    for (const frame of this.up.splice(0, count)) if (!this.gone) this.line.say('reliable', frame);
  }

  carryDown(count: number): void {
    for (const frame of this.down.splice(0, count)) if (!this.gone) this.link.receive('reliable', frame);
  }
}

async function world(people: number): Promise<{ clock: FakeClock; relay: DataRelay; parties: Party[] }> {
  const clock = new FakeClock();
  const relay = new DataRelay({ clock, limits: usualDataLimits, log: silent });
  const buses = [new FakeDataBus(), new FakeDataBus()] as const;
  const parties = Array.from({ length: people }, (_, index) => new Party(`p${index}`, buses[index % 2 === 0 ? 0 : 1]));
  for (const party of parties) {
    await relay.add({
      participantId: party.name,
      identity: `${party.name}-person`,
      get closed() {
        return party.gone;
      },
      mayTalk: true,
      hidden: false,
      link: { dataLimit: unlimited },
      router: { openData: async () => party.line },
      sendTransport: party.transport,
      recvTransport: party.transport,
    });
    // Its channels are open; those of people who have just come have tests of their own.
    party.carryUp(1);
  }
  return { clock, relay, parties };
}

/** What must hold at every moment. */
function checkBounds(parties: readonly Party[]): void {
  for (const { down, up } of parties) {
    const bytes = (frames: readonly Uint8Array[]) => frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
    // Answers come on top of the windows; they are small.
    expect(bytes(down), 'in the worker').toBeLessThanOrEqual(receiverWindowBytes + 20_000);
    expect(bytes(up), 'in the browser').toBeLessThanOrEqual(senderWindowBytes + 20_000);
  }
}

async function turn(): Promise<void> {
  for (let times = 0; times < 4; times += 1) await Promise.resolve();
}

const who = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      who,
      to: fc.oneof(who, fc.constant('all' as const)),
      bytes: fc.constantFrom(0, 10, 30_000, 60_000, 60_000),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('up' as const, 'down' as const), who, count: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(5, 100, 4000, 11_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'move' as const), who }) },
);

test('nothing is lost without a word, overtaken or stuck, and nothing is held without bounds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 300, size: 'max' }), async (steps) => {
      const { clock, relay, parties } = await world(4);
      let count = 0;
      for (const each of steps) {
        if (each.do === 'wait') clock.advance(each.ms);
        else {
          const party = parties[each.who];
          if (!party || party.gone) continue;
          if (each.do === 'up') party.carryUp(each.count);
          if (each.do === 'down') party.carryDown(each.count);
          if (each.do === 'send') {
            const to = each.to === 'all' ? 'all' : `p${each.to}`;
            count += 1;
            if (to !== party.name) party.send(`${count}`, to, each.bytes);
          }
          if (each.do === 'move') party.transport.tellMoved();
          if (each.do === 'leave') {
            party.gone = true;
            relay.remove({ participantId: party.name, identity: `${party.name}-person` });
            party.link.close(new PlenumError('disconnected', 'left'));
          }
        }
        await turn();
        checkBounds(parties);
      }
      // From now on the network works.
      const here = parties.filter(({ gone }) => !gone);
      for (let round = 0; round < 2000 && here.some(({ sent }) => sent.some(isOpen)); round += 1) {
        for (const party of here) {
          party.carryUp(Number.POSITIVE_INFINITY);
          party.carryDown(Number.POSITIVE_INFINITY);
        }
        await turn();
        clock.advance(10);
        await turn();
      }
      for (const party of here) party.carryDown(Number.POSITIVE_INFINITY);
      for (const party of here) checkParty(party, parties);
      for (const { name } of here) relay.remove({ participantId: name, identity: `${name}-person` });
      for (const { link } of here) link.close(new PlenumError('disconnected', 'over'));
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 120_000);

function isOpen({ outcome }: Sent): boolean {
  return outcome === undefined;
}

function checkParty(party: Party, parties: readonly Party[]): void {
  expect(party.sent.filter(isOpen), 'stuck').toEqual([]);
  expect(party.errors, 'the SDK broke a rule').toEqual([]);
  for (const receiver of parties) {
    if (receiver === party || receiver.gone) continue;
    const heard = receiver.heard.filter(({ from }) => from === party.name).map(({ text }) => text);
    const meant = party.sent.filter(({ to }) => to === 'all' || to === receiver.name);
    const delivered = meant.filter(({ outcome }) => outcome === 'ok').map(({ text }) => text);
    const failed = meant.filter(({ outcome }) => Array.isArray(outcome) && outcome.includes(receiver.name));
    expect(
      meant.filter(({ outcome }) => outcome instanceof PlenumError),
      'refused',
    ).toEqual([]);
    // In order, each once, and whatever is missing was told to the sender.
    expect(heard).toEqual(meant.map(({ text }) => text).filter((text) => heard.includes(text)));
    expect(new Set(heard).size).toBe(heard.length);
    const told = new Set(failed.map(({ text }) => text));
    expect(delivered.filter((text) => !heard.includes(text))).toEqual([]);
    expect(heard.filter((text) => told.has(text))).toEqual([]);
  }
}
