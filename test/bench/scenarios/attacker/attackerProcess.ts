import { DataFlood } from './DataFlood.ts';
import { Intruder } from './Intruder.ts';
import { Pacer } from './Pacer.ts';
import type { AttackOrder, Kind } from './plan.ts';
import { badTokens, Junk, shake, visit } from './Stranger.ts';
import { Tally } from './Tally.ts';

/**
 * The attacker, in one process: it sends what its argument (an `AttackOrder` as JSON) says, no more and as evenly as it
 * can, and prints an `AttackReport` at the end.
 */

const tickMs = 5;
/** Requests that one socket gets in one write, by weight. */
const portion = 20;
/** Of all handshakes: with a good token, as far as they are needed; the rest are those of strangers. */
const strangersShare = 0.5;

const order: AttackOrder = JSON.parse(process.argv[2] ?? '');
const { host, port, localAddress, rtcPorts, seconds, rates, tokens, room } = order;
const place = { host, port, localAddress };
const tally = new Tally();
const now = performance.now();
const pace = (kind: Kind, share = 1) => new Pacer(rates[kind] * share, now);

const strangers = pace('connects', strangersShare);
const returns = pace('connects', 1 - strangersShare);
const [joins, requests, chat, data, http, datagrams] = (
  ['joins', 'requests', 'chat', 'data', 'http', 'datagrams'] as const
).map((kind) => pace(kind));

const intruders = tokens.flatMap((token) => [new Intruder(place, token, tally), new Intruder(place, token, tally)]);
for (const intruder of intruders) intruder.onJoining = () => joins?.spend(1);
/** The last one does nothing but come, join and go. */
const churning = intruders.splice(-2);
const bad = badTokens(tokens[0] ?? '');
const junk = new Junk(host, rtcPorts, tally);
const flood = rates.data > 0 ? new DataFlood(`http://${host}:${port}`, room, tally) : undefined;
let turn = 0;

/** The next of them that fits, or none. */
function nextOf(fits: (intruder: Intruder) => boolean): Intruder | undefined {
  for (let tried = 0; tried < intruders.length; tried += 1) {
    turn += 1;
    const intruder = intruders[turn % intruders.length];
    if (intruder && fits(intruder)) return intruder;
  }
  return undefined;
}

function come(): boolean {
  const away = nextOf((intruder) => intruder.away);
  if (away) {
    away.come();
    return true;
  }
  for (const intruder of churning) {
    if (intruder.away) {
      intruder.come();
      return true;
    }
    if (intruder.ready) intruder.drop();
  }
  return false;
}

function shakeOnce(): boolean {
  turn += 1;
  shake(place, tally, turn % 2 === 0 ? undefined : bad[turn % bad.length]);
  return true;
}

function tick(): void {
  const at = performance.now();
  strangers.run(at, shakeOnce);
  returns.run(at, () => come() || shakeOnce());
  joins?.run(at, () => act((intruder) => intruder.join()));
  chat?.run(at, () => act((intruder) => intruder.chat()));
  while (requests && requests.due(at) >= portion) {
    const intruder = nextOf(({ ready }) => ready);
    if (!intruder) break;
    requests.spend(intruder.ask(portion));
  }
  http?.run(at, () => {
    visit(place, tally);
    return true;
  });
  data?.run(at, () => flood?.send() ?? false);
  datagrams?.run(at, () => {
    junk.send();
    return true;
  });
}

function act(work: (intruder: Intruder) => void): boolean {
  const intruder = nextOf(({ ready }) => ready);
  if (intruder) work(intruder);
  return intruder !== undefined;
}

const timer = setInterval(tick, tickMs);
setTimeout(() => {
  clearInterval(timer);
  flood?.close();
  junk.close();
  process.stdout.write(JSON.stringify(tally.report()), () => process.exit(0));
}, seconds * 1000);
