import { beforeEach, expect, test } from 'vitest';
import { FirstPictures } from '../../../src/room/FirstPictures.ts';
import type { MediaConsumer } from '../../../src/room/ports.ts';
import { FakeClock } from '../../support/FakeClock.ts';

type Layers = MediaConsumer['state']['layers'];

class FakeConsumer implements Pick<MediaConsumer, 'state'> {
  layers: Layers;
  get state() {
    return { layers: this.layers, producerSends: true };
  }
}

let clock: FakeClock;
let asked: string[];
let gaveUp: string[];
let busy: boolean;
let received: Map<string, FakeConsumer>;
let pictures: FirstPictures;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  busy = false;
  received = new Map([['camera', new FakeConsumer()]]);
  gaveUp = [];
  pictures = new FirstPictures({
    clock,
    // Only the state is looked at.
    find: (publicationId) => received.get(publicationId) as unknown as MediaConsumer | undefined,
    ask: (publicationId) => {
      asked.push(publicationId);
      return !busy;
    },
    gaveUp: (publicationId) => gaveUp.push(publicationId),
  });
});

test('a picture that comes in time is not asked for', () => {
  pictures.expect('camera');
  clock.advance(100);
  for (const consumer of received.values()) consumer.layers = { spatialLayer: 0, temporalLayer: 0 };
  clock.advance(5000);
  expect(asked).toEqual([]);
});

test('a picture that is late is asked for, again and again but not for ever', () => {
  pictures.expect('camera');
  clock.advance(149);
  expect(asked).toHaveLength(0);
  clock.advance(1);
  expect(asked).toHaveLength(1);
  clock.advance(350);
  expect(asked).toHaveLength(2);
  expect(pictures.expects('camera')).toBe(true);
  expect(gaveUp).toEqual([]);
  clock.advance(60_000);
  expect(asked).toHaveLength(11);
  expect(pictures.expects('camera')).toBe(false);
  expect(gaveUp).toEqual(['camera']);
});

test('where the publisher was asked a moment ago, it is asked again soon', () => {
  pictures.expect('camera');
  busy = true;
  clock.advance(150);
  expect(asked).toHaveLength(1);
  clock.advance(100);
  expect(asked).toHaveLength(2);
});

test('what is no longer received, or received anew, is no longer asked for', () => {
  pictures.expect('camera');
  received.set('camera', new FakeConsumer());
  clock.advance(1000);
  expect(asked).toEqual([]);
  pictures.expect('camera');
  received.clear();
  clock.advance(1000);
  expect(asked).toEqual([]);
});

test('nothing is left to do after the close', () => {
  pictures.expect('camera');
  pictures.close();
  clock.advance(1000);
  expect(asked).toEqual([]);
});
