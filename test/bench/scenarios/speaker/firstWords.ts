import type { AudioFrameMs } from '../../../load/recordings/spec.ts';
import type { Arrival, MemberOptions } from '../../crew/Crew.ts';
import { inBatches, pause } from '../forwarding/Forwarder.ts';

/** Who joins, speaks and is listened to: a crew in this process or in another. */
export interface Voices {
  join(member: MemberOptions): Promise<string>;
  speak(identity: string): number | Promise<number>;
  hush(identity: string): unknown;
  expect(speaker: string): unknown;
}

export interface Ears {
  expect(speaker: string): unknown;
  arrivals(): Arrival[] | Promise<Arrival[]>;
}

export interface Speaker {
  identity: string;
  participantId: string;
  frameMs: AudioFrameMs;
}

export interface Spoken extends Speaker {
  /** When the sound began; milliseconds since 1970. */
  at: number;
}

/** Milliseconds from the first word to its first packet, and how many who should have heard it did not. */
export interface Heard {
  ms: number[];
  missed: number;
}

/** One begins after the other, and goes on for a while: some three at a time. */
const everyMs = 300;
const turnMs = 900;
const joinedAtOnce = 10;
/** For the last words to arrive. */
const patienceMs = 1500;

/** People with microphones, half of them with packets of 20 ms and half of 60 ms. */
export function gather(
  voices: Voices,
  count: number,
  token: (identity: string) => Promise<string>,
): Promise<Speaker[]> {
  return inBatches(count, joinedAtOnce, async (index) => {
    const identity = `speaker-${index}`;
    const frameMs: AudioFrameMs = index % 2 === 0 ? 20 : 60;
    const participantId = await voices.join({ identity, token: await token(identity), audio: { frameMs } });
    return { identity, participantId, frameMs };
  });
}

/** Everybody says something once. */
export async function speakInTurn(
  voices: Voices,
  ears: readonly Ears[],
  speakers: readonly Speaker[],
): Promise<Spoken[]> {
  const spoken: Spoken[] = [];
  for (const speaker of speakers) {
    // Who has been heard all along is measured from the first word, too, not from the first packet of the silence.
    await Promise.all(ears.map((each) => each.expect(speaker.participantId)));
    spoken.push({ ...speaker, at: await voices.speak(speaker.identity) });
    setTimeout(() => voices.hush(speaker.identity), turnMs);
    await pause(everyMs);
  }
  await pause(patienceMs);
  return spoken;
}

/** @param hadBefore whether those are asked who were subscribed to the speaker already, or those who were not */
export function heard(spoken: readonly Spoken[], arrivals: readonly Arrival[], hadBefore: boolean): Heard {
  const listeners = new Set(arrivals.map(({ listener }) => listener));
  const bySpeaker = Map.groupBy(arrivals, ({ speaker }) => speaker);
  const result: Heard = { ms: [], missed: 0 };
  for (const { identity, participantId, at } of spoken) {
    const byListener = Map.groupBy(bySpeaker.get(participantId) ?? [], ({ listener }) => listener);
    for (const listener of listeners) {
      if (listener === identity) continue;
      const own = byListener.get(listener) ?? [];
      const had = own.some(({ addedAt, endedAt }) => addedAt <= at && (endedAt ?? at) >= at);
      if (had !== hadBefore) continue;
      const first = Math.min(...own.map(({ firstAt }) => (firstAt !== null && firstAt >= at ? firstAt : Infinity)));
      if (Number.isFinite(first)) result.ms.push(first - at);
      else result.missed += 1;
    }
  }
  return result;
}
