import fc from 'fast-check';
import { z } from 'zod';
import { createAccessToken, createApiToken } from '../../../src/auth/index.ts';
import { apiOperations, apiPrefix } from '../../../src/protocol/api.ts';
import { testSecret } from '../../support/testServer.ts';
import { type ApiRequest, apiRequests, writeApiRequest } from '../generate/apiRequests.ts';
import { weakApiTokens, wrongTokens } from '../generate/tokens.ts';
import { slowestReplyMs } from '../world/Findings.ts';
import { ClientNames } from '../world/Known.ts';
import { nameOfOperation } from '../world/Outcomes.ts';
import { exchange } from '../world/tcp.ts';
import { type Attack, inParallel, mediaRoom, type Target } from './Attack.ts';

const atOnce = 4;
/** What HTTP itself refuses, before anybody knows what was asked. */
const refusedByHttp = new Set([400, 408, 414, 431]);
/** Of those that are made for rooms, what is wrong for the API as well. */
const wrongHere =
  /^(alg|signed with|another key|an odd kid|its own key|an odd alg|a critical|no header|no claims|exp|aud|cut at|\d+ bytes)/;
const stack = /\bat .+\.(?:ts|js):\d+/;
const all = { rooms: 'write', participants: 'write', data: 'write', stats: 'read' } as const;

/** The API for the application's server: by somebody who may do everything in it, and by some who may not. */
export const apiAttack: Attack = {
  name: 'api',
  share: 0.05,
  batch: 200,
  async run(seed, count, target) {
    const tokens = await makeTokens(target, seed);
    const list = fc.sample(apiRequests, { numRuns: count, seed });
    const [one, other] = target.rooms;
    await inParallel(list, atOnce, async (request, lane) => {
      const [here, elsewhere] = lane % 2 === 0 ? [one, other] : [other, one];
      const names = new ClientNames(here.name, here.known, elsewhere.known);
      await ask(target, request, writeApiRequest(request, tokens(request), names));
    });
    await endRooms(target.url);
  },
};

type Tokens = (request: ApiRequest) => string | undefined;

async function makeTokens({ rooms }: Target, seed: number): Promise<Tokens> {
  const [everything, reader, participant] = await Promise.all([
    createApiToken(testSecret, { subject: 'fuzz', grants: all }),
    createApiToken(testSecret, { subject: 'reader', grants: { rooms: 'read', participants: 'read', stats: 'read' } }),
    createAccessToken(testSecret, { room: rooms[0].name, identity: 'fuzz', grants: { moderator: true } }),
  ]);
  const wrong = fc
    .sample(wrongTokens(everything, testSecret), { numRuns: 300, seed })
    .filter(({ what, token }) => wrongHere.test(what) && /^[!-~]*$/.test(token) && token.length < 10_000)
    .map(({ token }) => token);
  wrong.push(...fc.sample(weakApiTokens(everything, testSecret), { numRuns: 100, seed }).map(({ token }) => token));
  return ({ asker, pick }) =>
    ({ everything, reader, participant, wrong: wrong[pick % wrong.length], nobody: undefined })[asker];
}

async function ask({ url, findings }: Target, request: ApiRequest, text: string): Promise<void> {
  const replied = findings.reply(() => text.slice(0, 300));
  const received = await exchange(url, [text], { ms: 2 * slowestReplyMs, enough: () => false });
  replied();
  const [, status = '0'] = /^HTTP\/1\.1 (\d+)/.exec(received) ?? [];
  findings.outcomes.add(nameOfOperation(request.operation), /^2/.test(status) ? 'ok' : status);
  for (const problem of problems(request, Number(status), received)) {
    findings.add(`${problem}: ${JSON.stringify(text.slice(0, 400))}: ${received.slice(0, 300)}`);
  }
}

/** What must not be, whatever was asked. */
function problems({ asker, operation }: ApiRequest, status: number, received: string): string[] {
  const done = status >= 200 && status < 300;
  const mayNot = asker === 'reader' ? apiOperations[operation].right.access === 'write' : asker !== 'everything';
  return [
    ...(status === 0 ? ['the API gave no answer'] : []),
    ...(status >= 500 && status !== 503 ? [`the API failed (${status})`] : []),
    ...(done && mayNot ? [`the API obeyed somebody who may not (${asker})`] : []),
    ...(stack.test(received) ? ['the API told where its code is'] : []),
    ...(status >= 400 && !refusedByHttp.has(status) && !/^content-type: application\/problem\+json/im.test(received)
      ? ['the API refused without saying why']
      : []),
  ];
}

const listed = z.object({ rooms: z.array(z.object({ name: z.string(), participants: z.number() })) });

const isLeft = ({ name, participants }: { name: string; participants: number }) =>
  participants === 0 && name !== mediaRoom;

const mostRounds = 200;

/**
 * Ends the rooms in which nobody is: some were told to wait for a day, whatever they are called. Not the one that somebody of
 * the media attack may just be entering, which ends by itself.
 */
export async function endRooms(url: string): Promise<void> {
  const token = await createApiToken(testSecret, { subject: 'tidy', grants: { rooms: 'write' } });
  const headers = { authorization: `Bearer ${token}` };
  for (let round = 0; round < mostRounds; round += 1) {
    const answer = await fetch(`${url}${apiPrefix}/rooms?limit=100`, { headers });
    const empty = listed.parse(await answer.json()).rooms.filter(isLeft);
    if (empty.length === 0) return;
    for (const { name } of empty)
      await fetch(`${url}${apiPrefix}/rooms/${encodeURIComponent(name)}`, { method: 'DELETE', headers });
  }
  throw new Error('there are always more empty rooms');
}
