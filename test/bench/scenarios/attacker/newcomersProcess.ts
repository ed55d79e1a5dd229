import { createContext } from '../../../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../../../load/meeting/LoadParticipant.ts';
import { signedTokens } from '../../../load/meeting/tokens.ts';
import { pause } from '../forwarding/Forwarder.ts';
import type { Newcomer, NewcomersOrder } from './plan.ts';

/**
 * Honest people who come into a room one after the other, listen until they have heard something, and go. The argument is
 * a `NewcomersOrder` as JSON; prints a list of `Newcomer`.
 */

/** As the SDK has it. */
const attemptMs = 10_000;
/** Who has not come in by then has given up. */
const patienceMs = 15_000;
const againMs = 1000;
const firstPacketMs = 5000;

const { url, room, tokenSecret, perSecond, seconds }: NewcomersOrder = JSON.parse(process.argv[2] ?? '');
const context = await createContext();
const tokenFor = signedTokens(tokenSecret);

async function come(number: number): Promise<Newcomer> {
  const token = await tokenFor(room, `newcomer-${number}`);
  const startedAt = performance.now();
  let failure = '';
  for (let attempts = 1; performance.now() - startedAt < patienceMs; attempts += 1) {
    try {
      const participant = await inTime(LoadParticipant.join(context, { url, token, local: false, view: 'auto' }));
      const before = participant.startedAt - startedAt;
      const first = await firstPacket(participant);
      await participant.close();
      return {
        joinMs: before + participant.joinMs,
        firstPacketMs: first === undefined ? null : before + first,
        attempts,
        failure: null,
      };
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      await pause(againMs);
    }
  }
  return { joinMs: patienceMs, firstPacketMs: null, attempts: 0, failure };
}

async function inTime(joining: Promise<LoadParticipant>): Promise<LoadParticipant> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${attemptMs / 1000} s`)), attemptMs);
  try {
    return await Promise.race([joining, late.promise]);
  } catch (error) {
    // Whoever comes in after all leaves again; a join that fails later has been told as late.
    joining.then(
      (participant) => participant.close(),
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function firstPacket(participant: LoadParticipant): Promise<number | undefined> {
  const until = performance.now() + firstPacketMs;
  while (participant.firstPacketMs === undefined && performance.now() < until) await pause(5);
  return participant.firstPacketMs;
}

const coming: Promise<Newcomer>[] = [];
const startedAt = performance.now();
for (let number = 0; number < perSecond * seconds; number += 1) {
  await pause(Math.max(0, startedAt + (number * 1000) / perSecond - performance.now()));
  coming.push(come(number));
}
const newcomers = await Promise.all(coming);
process.stdout.write(JSON.stringify(newcomers), () => process.exit(0));
