import fc from 'fast-check';
import { createAccessToken } from '../../../src/auth/index.ts';
import { fakeCapabilities, fakeDtlsParameters } from '../../support/fakeMedia.ts';
import { testSecret } from '../../support/testServer.ts';
import { oddities } from '../generate/oddities.ts';
import { jsonOf, type Names } from '../generate/placeholders.ts';
import { type Resume, resumes, withKey } from '../generate/resumes.ts';
import { oddTokens, wrongTokens } from '../generate/tokens.ts';
import type { Findings } from '../world/Findings.ts';
import { ClientNames } from '../world/Known.ts';
import { Refused, SocketClient } from '../world/SocketClient.ts';
import { type Attack, inParallel, type Target } from './Attack.ts';

const atOnce = 8;
const refusals = new Set(['unauthorized', 'bad-request', 'other-version', 'rate-limited']);
/** Visits that there are to be gone on with. */
const visits = 3;
const names: Names = { name: (kind, index) => `${kind}${index}`, freshNumber: () => 1 };

/** Handshakes with tokens that are wrong in every field, with what is no token, and with visits to go on with. */
export const tokensAttack: Attack = {
  name: 'tokens',
  share: 0.02,
  batch: 100,
  async run(seed, count, target) {
    const good = await createAccessToken(testSecret, {
      room: target.rooms[0].name,
      identity: 'forger',
      grants: { canPublish: false, canChat: false },
    });
    const tokens = wrongTokens(good, testSecret).map(({ what, token }) => ({ what, auth: JSON.stringify({ token }) }));
    const odd = oddTokens(good, testSecret).map(({ what, token }) => ({
      what,
      auth: JSON.stringify({ token }),
      mayOpen: true,
    }));
    const handshakes = fc.constantFrom(...oddities).map((odd) => ({ what: 'no handshake', auth: jsonOf(odd, names) }));
    const list = fc.sample(
      fc.oneof({ weight: 7, arbitrary: tokens }, { weight: 2, arbitrary: odd }, { weight: 1, arbitrary: handshakes }),
      {
        numRuns: Math.ceil(count * 0.7),
        seed,
      },
    );
    await inParallel(list, atOnce, (wrong) => beRefused(wrong, target));
    await resumeAll(fc.sample(resumes, { numRuns: Math.floor(count * 0.3), seed }), target);
  },
};

interface Handshake {
  what: string;
  auth: string;
  /** The server may take it or not; else it must not. */
  mayOpen?: boolean;
}

async function beRefused({ what, auth, mayOpen }: Handshake, { url, findings }: Target): Promise<void> {
  try {
    const client = await SocketClient.connect(url, auth, findings);
    client.close();
    if (!mayOpen) findings.add(`a token opened a room that should not: ${what}: ${auth.slice(0, 500)}`);
  } catch (error) {
    judge(error, what, findings);
  }
}

/** What is no object of JSON is no packet of socket.io: the server hangs up. */
function judge(error: unknown, what: string, findings: Findings): void {
  if (!(error instanceof Refused)) {
    if (!/closed during/.test(String(error))) findings.add(`${what}: ${error}`);
  } else if (!refusals.has(error.code)) findings.add(`${what} was refused with ${error.code}: ${error.message}`);
}

/** Two people of a room and one of another visit; somebody with a good token wants to go on with each of the visits. */
async function resumeAll(list: readonly Resume[], { url, findings, rooms }: Target): Promise<void> {
  const [here, elsewhere] = rooms;
  const room = `${here.name}-resumed`;
  const tokens = await Promise.all(
    Array.from({ length: visits }, (_, index) =>
      createAccessToken(testSecret, { room: index === visits - 1 ? `${room}-too` : room, identity: `again-${index}` }),
    ),
  );
  const keys = await Promise.all(tokens.map((token) => begin(url, token, findings)));
  const chats = new ClientNames(room, here.known, elsewhere.known);
  // Lane by lane another person: two at once with the same visit are the same person twice.
  await inParallel(list, atOnce, async (resume, lane) => {
    const auth = jsonOf({ token: tokens[lane % visits], resume: withKey(resume, keys) }, chats);
    const outcome = await goOn(url, auth, findings).catch((error: unknown) => {
      judge(error, `a resume (${auth.slice(-300)})`, findings);
      return 'not let in';
    });
    findings.outcomes.add('a resume', outcome);
  });
  for (const token of tokens) await leave(url, token, findings);
}

const join = JSON.stringify([
  'join',
  { requestId: 'join', recvRtpCapabilities: fakeCapabilities(), dtlsParameters: fakeDtlsParameters() },
]);

/** Comes in, and goes without a word. @returns the key with which the visit can be gone on with */
async function begin(url: string, token: string, findings: Findings): Promise<string> {
  const client = await SocketClient.connect(url, JSON.stringify({ token }), findings);
  await client.ask(join);
  client.close();
  return client.welcome?.resumeKey ?? 'none';
}

/** @returns `ok` where the visit goes on */
async function goOn(url: string, auth: string, findings: Findings): Promise<string> {
  const client = await SocketClient.connect(url, auth, findings);
  const { session = 'none' } = client.welcome ?? {};
  const answer = await client.ask('["listParticipants",{"limit":1}]');
  client.close();
  const goesOn = session === 'resumed' || session === 'snapshot';
  // Undefined: somebody else has gone on with it meanwhile.
  const fits = answer === undefined || answer.ok === goesOn;
  if (!fits) findings.add(`a visit that is ${session} answers ${JSON.stringify(answer)} (${auth.slice(-300)})`);
  return goesOn ? 'ok' : session;
}

/** Ends the person's visit, whichever that is. */
async function leave(url: string, token: string, findings: Findings): Promise<void> {
  const client = await SocketClient.connect(url, JSON.stringify({ token }), findings);
  await client.ask(join);
  await client.ask('["leave",{}]');
  client.close();
}
