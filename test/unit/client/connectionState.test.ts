import fc from 'fast-check';
import { expect, test } from 'vitest';
import { giveUpAfterMs, leastAttempts } from '../../../src/client/backoff.ts';
import {
  type ConnectionEvent,
  type ConnectionState,
  nextState,
  troubleOf,
} from '../../../src/client/connectionState.ts';
import type { CloseReason } from '../../../src/client/RoomEvents.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { anyCloseReason, anyErrorCode } from '../../support/sdkWorld/anything.ts';
import { drawnTransitions } from '../../support/sdkWorld/drawing.ts';

const lost = new PlenumError('disconnected', 'gone');
const refused = new PlenumError('unauthorized', 'no');
const turnedAway = new PlenumError('refused', 'no');

type Draft = ConnectionEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : E) : never;

const anyEvent: fc.Arbitrary<Draft> = fc.oneof(
  ...(['prepare', 'prepared', 'join', 'failed', 'lobby', 'entered', 'resumed', 'refused', 'visitLost'] as const).map(
    (type) => fc.constant({ type }),
  ),
  ...(['mediaLost', 'mediaRestored'] as const).map((type) => fc.constant({ type })),
  fc.boolean().map((resumable) => ({ type: 'socketLost' as const, resumable })),
  fc.constant({ type: 'attemptFailed' as const, error: lost }),
);

/** Left, removed, taken over, the room ended: whatever the reason. And attempts that fail for any reason there is. */
const endingEvent: fc.Arbitrary<Draft> = fc.oneof(
  anyCloseReason.map((reason: CloseReason) => ({ type: 'end' as const, reason, message: reason })),
  anyErrorCode.map((code) => ({ type: 'attemptFailed' as const, error: new PlenumError(code, code) })),
);
const withEndings = fc.array(
  fc.record({
    draft: fc.oneof({ weight: 6, arbitrary: anyEvent }, { weight: 1, arbitrary: endingEvent }),
    ms: fc.nat(20_000),
  }),
  { maxLength: 60 },
);

/** What the work that a state asks for comes to. Nothing is under way in the other states. */
function outcomeOf(state: ConnectionState, succeeds: boolean): Draft | undefined {
  switch (state.name) {
    case 'connecting':
      return { type: succeeds ? 'prepared' : 'failed' };
    case 'joining':
      return { type: succeeds ? 'entered' : 'failed' };
    case 'waiting':
      if (succeeds) return { type: 'entered' };
      return state.again ? { type: 'attemptFailed', error: turnedAway } : { type: 'failed' };
    case 'resuming':
      return succeeds ? { type: 'resumed' } : { type: 'attemptFailed', error: lost };
    case 'rebuilding':
      if (state.what === 'media') return { type: succeeds ? 'mediaRestored' : 'visitLost' };
      return succeeds ? { type: 'entered' } : { type: 'attemptFailed', error: lost };
    case 'idle':
    case 'prepared':
    case 'joined':
    case 'closed':
      return undefined;
  }
}

function apply(state: ConnectionState, draft: Draft, at: number): ConnectionState {
  const event = { ...draft, at };
  return nextState(state, event);
}

const faults = fc.array(fc.record({ draft: anyEvent, ms: fc.nat(20_000) }), { maxLength: 60 });

test.each([true, false])(
  'after any faults in any order it ends at rest, also where nothing helps (helps: %s)',
  (helps) => {
    fc.assert(
      fc.property(faults, (list) => {
        let state: ConnectionState = { name: 'idle' };
        let at = 0;
        for (const { draft, ms } of [{ draft: { type: 'join' as const }, ms: 0 }, ...list]) {
          at += ms;
          state = apply(state, draft, at);
        }
        const wasIn = state.name;
        // Attempts are at least a fifth of a second apart.
        const most = 2 + leastAttempts + (2 * giveUpAfterMs) / 200;
        let steps = 0;
        for (let outcome = outcomeOf(state, helps); outcome; outcome = outcomeOf(state, helps)) {
          at += 200;
          state = apply(state, outcome, at);
          steps += 1;
          expect(steps, `stuck in ${JSON.stringify(state)}`).toBeLessThan(most);
        }
        expect(['idle', 'prepared', 'joined', 'closed']).toContain(state.name);
        if (['resuming', 'rebuilding'].includes(wasIn)) expect(state.name).toBe(helps ? 'joined' : 'closed');
        if (state.name === 'closed') expect(state.reason).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  },
);

test('also with endings of every kind it ends at rest, and the first ending is the one that counts', () => {
  fc.assert(
    fc.property(withEndings, fc.boolean(), (list, helps) => {
      let state: ConnectionState = { name: 'joined' };
      let at = 0;
      for (const { draft, ms } of list) {
        at += ms;
        const before = state;
        state = apply(state, draft, at);
        if (before.name === 'closed') expect(state).toBe(before);
        else if (draft.type === 'end') expect(state).toMatchObject({ name: 'closed', reason: draft.reason });
        else if (state.name === 'closed') {
          expect(draft.type).toBe('attemptFailed');
          expect(state.reason).toBe(draft.type === 'attemptFailed' && draft.error.code);
        }
      }
      const wasOpen = state.name !== 'closed';
      for (let outcome = outcomeOf(state, helps); outcome; outcome = outcomeOf(state, helps)) {
        at += 1000;
        state = apply(state, outcome, at);
      }
      const rest = wasOpen && (helps || state.name === 'joined') ? 'joined' : 'closed';
      expect(state.name).toBe(rest);
    }),
    { numRuns: 2000 },
  );
});

test('the drawing in src/README.md shows the transitions that there are, and no others', () => {
  const coming = { since: 0, attempt: 0 };
  const states: ConnectionState[] = [
    ...(['idle', 'connecting', 'prepared', 'joining', 'joined'] as const).map((name) => ({ name })),
    { name: 'waiting', again: false },
    { name: 'waiting', again: true },
    { name: 'resuming', ...coming, media: false },
    { name: 'resuming', ...coming, media: true },
    { name: 'rebuilding', what: 'visit', ...coming },
    { name: 'rebuilding', what: 'media' },
    { name: 'closed', reason: 'left', message: '' },
  ];
  const drafts: Draft[] = [
    ...(['prepare', 'prepared', 'join', 'failed', 'lobby', 'entered', 'resumed', 'refused', 'visitLost'] as const).map(
      (type) => ({
        type,
      }),
    ),
    { type: 'mediaLost' },
    { type: 'mediaRestored' },
    { type: 'socketLost', resumable: true },
    { type: 'socketLost', resumable: false },
    { type: 'attemptFailed', error: lost },
    { type: 'attemptFailed', error: refused },
  ];
  const made = new Set<string>();
  for (const state of states) {
    for (const draft of drafts) {
      const next = apply(state, draft, 1);
      if (next !== state) made.add(`${state.name} --> ${next.name}`);
    }
    if (state.name !== 'closed') {
      expect(apply(state, { type: 'end', reason: 'left', message: '' }, 1).name, 'from every state').toBe('closed');
    }
  }
  // Of the endings the drawing has one arrow; the text under it speaks of all.
  made.add('joined --> closed');
  expect([...drawnTransitions()].sort()).toEqual([...made].sort());
});

test('who was in the room never falls back to before the join', () => {
  fc.assert(
    fc.property(faults, (list) => {
      let state: ConnectionState = { name: 'joined' };
      let at = 0;
      for (const { draft, ms } of list) {
        at += ms;
        state = apply(state, draft, at);
        expect(['joined', 'resuming', 'rebuilding', 'waiting', 'closed']).toContain(state.name);
        if (state.name === 'waiting') expect(state.again).toBe(true);
      }
    }),
  );
});

test('closed is the end', () => {
  fc.assert(
    fc.property(fc.oneof(anyEvent, endingEvent), fc.nat(), (draft, at) => {
      const closed: ConnectionState = { name: 'closed', reason: 'left', message: 'bye' };
      expect(apply(closed, draft, at)).toBe(closed);
      expect(nextState(closed, { type: 'end', reason: 'ended', message: 'again' })).toBe(closed);
    }),
  );
});

test('a socket that breaks is resumed where the server keeps the visit, else another visit begins', () => {
  const joined: ConnectionState = { name: 'joined' };
  const resuming = nextState(joined, { type: 'socketLost', at: 5, resumable: true });
  expect(resuming).toEqual({ name: 'resuming', since: 5, attempt: 0, media: false });
  expect(nextState(resuming, { type: 'resumed' })).toEqual(joined);
  const rebuilding = { name: 'rebuilding', what: 'visit', attempt: 0 };
  expect(nextState(joined, { type: 'socketLost', at: 5, resumable: false })).toEqual({ ...rebuilding, since: 5 });
  expect(nextState(resuming, { type: 'refused', at: 9 })).toEqual({ ...rebuilding, since: 9 });
});

test('who was in the room waits for the way back in, and is told where that ends; who was not may ask again', () => {
  const rebuilding: ConnectionState = { name: 'rebuilding', what: 'visit', since: 0, attempt: 2 };
  const back = nextState(rebuilding, { type: 'lobby' });
  expect(back).toEqual({ name: 'waiting', again: true });
  expect(nextState(back, { type: 'attemptFailed', at: 9, error: turnedAway })).toEqual({
    name: 'closed',
    reason: 'refused',
    message: 'no',
  });
  const first = nextState({ name: 'joining' }, { type: 'lobby' });
  expect(first).toEqual({ name: 'waiting', again: false });
  expect(nextState(first, { type: 'failed' })).toEqual({ name: 'idle' });
  for (const waiting of [back, first]) {
    expect(nextState(waiting, { type: 'entered' })).toEqual({ name: 'joined' });
    expect(nextState(waiting, { type: 'lobby' })).toBe(waiting);
    expect(nextState(waiting, { type: 'socketLost', at: 9, resumable: false })).toBe(waiting);
  }
});

test('a socket that breaks while the media are rebuilt does not hide that', () => {
  const media: ConnectionState = { name: 'rebuilding', what: 'media' };
  const resuming = nextState(media, { type: 'socketLost', at: 5, resumable: true });
  expect(nextState(resuming, { type: 'resumed' })).toEqual(media);
  expect(nextState(nextState(resuming, { type: 'mediaRestored' }), { type: 'resumed' })).toEqual({ name: 'joined' });
});

test('attempts end with an error that nothing helps against, and after minutes in which many were made', () => {
  const resuming: ConnectionState = { name: 'resuming', since: 0, attempt: 3, media: false };
  expect(nextState(resuming, { type: 'attemptFailed', at: 100, error: refused })).toEqual({
    name: 'closed',
    reason: 'unauthorized',
    message: 'no',
  });
  const slept = { type: 'attemptFailed' as const, at: giveUpAfterMs + 1, error: lost };
  expect(nextState(resuming, slept)).toMatchObject({ name: 'resuming', attempt: 4 });
  const tried = { ...resuming, attempt: leastAttempts };
  expect(nextState(tried, { ...slept, at: giveUpAfterMs })).toMatchObject({ attempt: leastAttempts + 1 });
  expect(nextState(tried, slept)).toMatchObject({ name: 'closed', reason: 'disconnected' });
});

test('the trouble is what concerns the pictures, before what does not', () => {
  const resuming: ConnectionState = { name: 'resuming', since: 0, attempt: 0, media: false };
  expect(troubleOf({ name: 'joined' }, false)).toBeUndefined();
  expect(troubleOf({ name: 'joined' }, true)).toBe('path');
  expect(troubleOf(resuming, false)).toBe('signaling');
  expect(troubleOf(resuming, true)).toBe('path');
  expect(troubleOf({ ...resuming, media: true }, true)).toBe('media');
  expect(troubleOf({ name: 'rebuilding', what: 'media' }, true)).toBe('media');
  expect(troubleOf({ name: 'rebuilding', what: 'visit', since: 0, attempt: 2 }, true)).toBe('visit');
  expect(troubleOf({ name: 'waiting', again: true }, true)).toBe('visit');
});

test('nothing is being mended before the join, nor in the end', () => {
  for (const name of ['idle', 'connecting', 'prepared', 'joining'] as const) {
    expect(troubleOf({ name }, true)).toBeUndefined();
  }
  expect(troubleOf({ name: 'waiting', again: false }, true)).toBeUndefined();
  expect(troubleOf({ name: 'closed', reason: 'left', message: 'bye' }, true)).toBeUndefined();
});
