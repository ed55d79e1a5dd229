import { expect, test } from 'vitest';
import { SharedCapabilities } from '../../../src/room/SharedCapabilities.ts';
import { fakeCapabilities } from '../../support/fakeMedia.ts';

test('who says the same shares it, who says something else does not', () => {
  const shared = new SharedCapabilities();
  const first = shared.share(fakeCapabilities());
  const other = shared.share(fakeCapabilities(['VP8']));
  expect(shared.share(fakeCapabilities())).toBe(first);
  expect(other).toEqual(fakeCapabilities(['VP8']));
  expect(shared.share(fakeCapabilities(['VP8']))).toBe(other);
});

test('of many kinds those that came last are kept', () => {
  const kind = (id: number) => ({ headerExtensions: [{ kind: 'audio' as const, uri: 'urn:x', preferredId: id }] });
  const shared = new SharedCapabilities();
  const [rare, usual] = [shared.share(kind(100)), shared.share(kind(101))];
  for (let id = 1; id <= 30; id += 1) {
    shared.share(kind(id));
    expect(shared.share(kind(101))).toBe(usual);
  }
  const again = shared.share(kind(100));
  expect(again).toEqual(rare);
  expect(again).not.toBe(rare);
});
