import { describe, expect, it } from 'vitest';
import { planStage, type StageInput, videosOf } from '../../../client-demo/src/lib/stagePlan.ts';
import { TileOrder } from '../../../client-demo/src/lib/TileOrder.ts';
import type { RemoteTile, Tile } from '../../../client-demo/src/lib/tiles.ts';

/** A tile, as far as a plan needs to know it. */
function tile(name: string, source: 'camera' | 'screen' = 'camera'): Tile {
  const publication = {
    publicationId: `${name}-${source}`,
    muted: false,
    status: 'active',
    track: {},
    width: 1280,
    height: 720,
  };
  const participant = { identity: name, isSpeaking: false, publication: () => undefined };
  const fake = { kind: 'remote', key: `${source} ${name}`, source, participant, publication };
  return fake as unknown as RemoteTile;
}

const plan = (tiles: Tile[], more: Partial<StageInput> = {}) =>
  planStage({
    tiles,
    order: new TileOrder(),
    area: { width: 1248, height: 620 },
    gap: 12,
    layout: 'grid',
    pinned: [],
    spotlit: [],
    putBack: [],
    speaker: undefined,
    page: 0,
    now: 0,
    ...more,
  });
const crowd = (count: number) => Array.from({ length: count }, (_, index) => tile(`p${index}`));

describe('the stage', () => {
  it('asks for the videos of its page only', () => {
    const second = plan(crowd(12), { page: 1 });
    expect(second.page).toMatchObject({ index: 1, count: 2 });
    expect(videosOf(second, 1).map(({ publicationId }) => publicationId)).toEqual(
      ['p9', 'p10', 'p11'].map((name) => `${name}-camera`),
    );
  });

  it('shows nobody large in the grid, and in the speaker view whoever speaks, or who was there first', () => {
    expect(plan(crowd(3)).large).toBeUndefined();
    expect(plan(crowd(3), { layout: 'speaker' }).large?.key).toBe('camera p0');
    expect(plan(crowd(3), { layout: 'speaker', speaker: 'camera p2' }).large?.key).toBe('camera p2');
    expect(plan(crowd(3), { layout: 'speaker', speaker: 'camera gone' }).large?.key).toBe('camera p0');
    expect(plan([], { layout: 'speaker' }).large).toBeUndefined();
  });

  it('prefers what was pinned last to a shared screen, and a screen to a speaker, unless it was put back', () => {
    const tiles = [tile('ada', 'screen'), ...crowd(2)];
    const speaker = 'camera p1';
    expect(plan(tiles, { layout: 'speaker', speaker }).large?.key).toBe('screen ada');
    expect(plan(tiles, { layout: 'speaker', speaker, putBack: ['screen ada'] }).large?.key).toBe('camera p1');
    expect(plan(tiles, { putBack: ['screen ada'] }).large).toBeUndefined();
    const pinned = ['camera p1', 'camera p0', 'camera gone'];
    expect(plan(tiles, { pinned }).large?.key).toBe('camera p0');
    // The other pinned one and the screen come first among the small ones.
    expect(plan([...crowd(2), tile('ada', 'screen')], { pinned }).page.items.map(({ key }) => key)).toEqual([
      'camera p1',
      'screen ada',
    ]);
  });

  it('shows whom moderators have put in the spotlight, after screens, unless that was put back', () => {
    const tiles = [tile('ada', 'screen'), ...crowd(4)];
    const spotlit = ['own-camera', 'camera p2', 'camera p3'];
    expect(plan(tiles, { spotlit }).large?.key).toBe('screen ada');
    expect(plan(crowd(4), { spotlit }).large?.key).toBe('camera p2');
    expect(plan(crowd(4), { spotlit }).page.items[0]?.key).toBe('camera p3');
    expect(plan(crowd(4), { spotlit, putBack: ['camera p2'] }).large?.key).toBe('camera p3');
    expect(plan(crowd(4), { spotlit, putBack: ['camera p2', 'camera p3'] }).large).toBeUndefined();
    expect(plan(crowd(4), { spotlit, pinned: ['camera p0'] }).large?.key).toBe('camera p0');
  });

  it('draws the large one larger than the others, which have room without scrolling', () => {
    for (const area of [
      { width: 1248, height: 620 },
      { width: 374, height: 650 },
      { width: 812, height: 250 },
    ]) {
      const { placement, shown } = plan(crowd(30), { layout: 'speaker', area });
      const [large, ...others] = shown.map(({ key }) => placement.places.get(key));
      expect(large?.focused).toBe(true);
      expect(others.length).toBeGreaterThan(0);
      for (const other of others) expect(other?.width ?? 0).toBeLessThan(large?.width ?? 0);
      expect(placement.scroll).toBe('none');
    }
  });
});
