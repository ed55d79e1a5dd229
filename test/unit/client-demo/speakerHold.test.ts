import { describe, expect, it } from 'vitest';
import { hear, lookAgainIn, nobodyHeard, type SpeakerHold } from '../../../client-demo/src/lib/speakerHold.ts';

/** What is shown after each moment in which somebody was heard. */
function shown(...moments: [at: number, ...speaking: string[]][]): (string | undefined)[] {
  let hold: SpeakerHold = nobodyHeard;
  return moments.map(([at, ...speaking]) => {
    hold = hear(hold, speaking, at);
    return hold.shown;
  });
}

describe('the speaker view', () => {
  it('shows the first who speaks, and holds on through pauses', () => {
    expect(shown([0], [100, 'ada'], [1000], [60_000])).toEqual([undefined, 'ada', 'ada', 'ada']);
  });

  it('does not change for a short word between', () => {
    expect(shown([0, 'ada'], [1000, 'bob', 'ada'], [1400, 'ada'], [2000, 'bob', 'ada'], [2500, 'ada', 'bob'])).toEqual(
      Array(5).fill('ada'),
    );
  });

  it('changes for somebody who goes on', () => {
    expect(shown([0, 'ada'], [1000, 'bob', 'ada'], [2000, 'bob', 'ada'], [2600, 'bob', 'ada'])).toEqual([
      'ada',
      'ada',
      'ada',
      'bob',
    ]);
  });

  it('changes soon when the one shown is silent', () => {
    expect(shown([0, 'ada'], [2000, 'bob'], [2400, 'bob'])).toEqual(['ada', 'ada', 'bob']);
  });

  it('begins to count anew when another one gets louder', () => {
    expect(shown([0, 'ada'], [3000, 'bob'], [3200, 'eve'], [3400, 'eve'], [3600, 'eve'])).toEqual([
      'ada',
      'ada',
      'ada',
      'ada',
      'eve',
    ]);
  });

  it('looks again when the time has come, though nothing new is heard', () => {
    let hold = hear(nobodyHeard, ['ada'], 0);
    expect(lookAgainIn(hold, 0)).toBeUndefined();
    hold = hear(hold, ['bob'], 2000);
    const wait = lookAgainIn(hold, 2000);
    expect(wait).toBe(300);
    expect(hear(hold, ['bob'], 2300).shown).toBe('bob');
  });
});
