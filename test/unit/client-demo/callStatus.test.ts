import { describe, expect, it, test } from 'vitest';
import { type CallFacts, wordsFor } from '../../../client-demo/src/lib/callStatus.ts';
import { endingOf } from '../../../client-demo/src/lib/endings.ts';
import { hold, lookAgainIn, nothingToSay } from '../../../client-demo/src/lib/statusHold.ts';
import { type CloseReason, errorCodes } from '../../../src/client/index.ts';
import { shapes } from '../../../src/protocol/index.ts';

const well: CallFacts = {
  state: 'joined',
  trouble: undefined,
  online: true,
  pausedVideos: 0,
  poorUpload: false,
  draining: false,
  moving: false,
};
const textOf = (facts: Partial<CallFacts>) => wordsFor({ ...well, ...facts })?.text;

describe('the words for what happens', () => {
  it('are none while all is well', () => {
    expect(wordsFor(well)).toBeUndefined();
  });

  it('say what is being mended', () => {
    expect(textOf({ state: 'resuming', trouble: 'signaling' })).toBe(
      'Reconnecting… You still see and hear the others.',
    );
    expect(textOf({ trouble: 'path' })).toBe('Sound and pictures do not come through. Reconnecting…');
    expect(textOf({ state: 'resuming', trouble: 'path' })).toContain('network has changed or is interrupted');
    expect(textOf({ state: 'rebuilding', trouble: 'media' })).toContain('The server is moving your call');
    expect(textOf({ state: 'rebuilding', trouble: 'visit' })).toBe('Connection lost. Rejoining…');
  });

  it('do not blame the network where a moderator has to open the door', () => {
    const waiting = { ...well, state: 'waiting', trouble: 'visit' } as const;
    const words = { tone: 'broken', text: 'Waiting for a moderator to let you in again…', atDoor: true };
    expect(wordsFor(waiting)).toEqual(words);
    expect(textOf({ ...waiting, online: false })).toMatch(/^You are offline/);
  });

  it('blame the network where the browser has none, and never for what the server does', () => {
    for (const trouble of ['signaling', 'path', 'visit'] as const) {
      expect(textOf({ trouble, online: false })).toMatch(/^You are offline/);
    }
    expect(textOf({ trouble: 'media', online: false })).toContain('The server is moving');
    // Without a network card one may well be in a call on the same machine.
    expect(textOf({ online: false })).toBeUndefined();
  });

  it('count the videos that are paused for the sound, before they speak of the way up', () => {
    expect(textOf({ pausedVideos: 1, poorUpload: true })).toBe(
      'Your connection is poor: a video is paused to keep the sound.',
    );
    expect(textOf({ pausedVideos: 3 })).toBe('Your connection is poor: 3 videos are paused to keep the sound.');
    expect(textOf({ poorUpload: true })).toContain('may see and hear you badly');
  });

  it('tell of a server that goes only where nothing is wrong', () => {
    expect(wordsFor({ ...well, draining: true })?.tone).toBe('news');
    expect(textOf({ draining: true, trouble: 'signaling' })).toContain('Reconnecting');
  });
});

/** What the line says: [at, text], from facts that change at given times, in milliseconds. */
function line(...changes: [at: number, facts: Partial<CallFacts>][]): [number, string | undefined][] {
  const said: [number, string | undefined][] = [];
  let held = nothingToSay;
  let facts: Partial<CallFacts> = {};
  const look = (now: number) => {
    const before = held.shown;
    held = hold(held, wordsFor({ ...well, ...facts }), now);
    if (held.shown !== before) said.push([now, held.shown?.text]);
  };
  for (const [index, change] of changes.entries()) {
    let now = change[0];
    const end = changes[index + 1]?.[0] ?? 60_000;
    facts = change[1];
    look(now);
    for (let wait = lookAgainIn(held, now); wait !== undefined && now + wait < end; wait = lookAgainIn(held, now)) {
      expect(wait).toBeGreaterThan(0);
      now += wait;
      look(now);
    }
  }
  return said;
}

const signaling = 'Reconnecting… You still see and hear the others.';
const rejoining = 'Connection lost. Rejoining…';
const back = 'You are back.';

describe('the status line', () => {
  it('says nothing of what is over in less than a second', () => {
    expect(line([0, { trouble: 'media' }], [800, {}])).toEqual([]);
  });

  it('says for three seconds that one is back', () => {
    expect(line([0, { trouble: 'signaling' }], [5000, {}])).toEqual([
      [900, signaling],
      [5000, back],
      [8000, undefined],
    ]);
  });

  it('can be read, also where the trouble ends as soon as it is told', () => {
    expect(line([0, { trouble: 'signaling' }], [1000, {}])).toEqual([
      [900, signaling],
      [2100, back],
      [5100, undefined],
    ]);
  });

  it('does not begin anew where one trouble becomes another one', () => {
    expect(line([0, { trouble: 'signaling' }], [500, { trouble: 'visit' }], [4000, {}])).toEqual([
      [900, rejoining],
      [4000, back],
      [7000, undefined],
    ]);
    const changed = line([0, { trouble: 'signaling' }], [3000, { trouble: 'visit' }], [3100, { trouble: 'path' }]);
    expect(changed.map(([at]) => at)).toEqual([900, 3000, 4200]);
  });

  it('says of a connection that comes and goes that it is poor, once', () => {
    const poor = { pausedVideos: 2 };
    const said = line([0, poor], [4000, {}], [5000, poor], [9000, {}], [10_000, { pausedVideos: 2 }], [20_000, {}]);
    expect(said).toEqual([
      [2500, 'Your connection is poor: 2 videos are paused to keep the sound.'],
      [23_000, 'Your connection is good again.'],
      [26_000, undefined],
    ]);
    expect(line([0, poor], [2000, {}])).toEqual([]);
  });

  it('says first that one is back, and then that it is poor', () => {
    const said = line([0, { trouble: 'visit' }], [5000, { poorUpload: true }]);
    expect(said).toEqual([
      [900, rejoining],
      [5000, back],
      [7500, 'Your connection is poor: the others may see and hear you badly.'],
    ]);
  });

  it('ends without a word where there was only news', () => {
    expect(line([0, { draining: true }], [5000, {}]).map(([at, text]) => [at, text === undefined])).toEqual([
      [0, false],
      [5000, true],
    ]);
  });
});

test('every reason for the end has a title and a way on', () => {
  const codes = Object.keys(errorCodes) as (keyof typeof errorCodes)[];
  const reasons: CloseReason[] = [...shapes.leaveReason.options, ...shapes.roomEnd.options, ...codes];
  for (const reason of reasons) {
    const { title, help } = endingOf(reason, 'It broke at this very moment.');
    expect(title.length, reason).toBeGreaterThan(10);
    expect(help.length, reason).toBeGreaterThan(10);
    // The page after a meeting waits for a click.
    expect(help, reason).not.toMatch(/keeps trying|[Rr]eload/);
  }
});
