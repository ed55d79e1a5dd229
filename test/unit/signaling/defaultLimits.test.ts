import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { Limits } from '../../../src/signaling/Limits.ts';
import { FakeClock } from '../../support/FakeClock.ts';

/** People who use the SDK do not run into the limits that a server has by itself. */

const config = readConfig([], {});

test('2,000 clients that come back in one moment from one address, and have to join again', () => {
  const clock = new FakeClock();
  const limits = new Limits(clock, config);
  for (let index = 0; index < 2000; index += 1) {
    const caller = { address: '192.0.2.1', room: `room-${index % 10}`, identity: `person-${index}` };
    // The SDK begins a second attempt beside one that is slow.
    for (const _attempt of ['resume', 'visit']) {
      expect(limits.knock(caller.address)).toEqual({ allowed: true });
      limits.connect(caller);
    }
    const meter = limits.meter(caller);
    for (const name of ['join', 'publish', 'publish', 'startSubscriptions', 'setView', 'setView']) meter.take(name);
  }
  limits.close();
});

test('an office of 200 in one room, each with everything at once', () => {
  const clock = new FakeClock();
  const limits = new Limits(clock, config);
  for (let index = 0; index < 200; index += 1) {
    const caller = { address: '2001:db8::1', room: 'room', identity: `person-${index}` };
    for (let reload = 0; reload < 5; reload += 1) {
      expect(limits.knock(caller.address)).toEqual({ allowed: true });
      limits.connect(caller);
    }
    const meter = limits.meter(caller);
    meter.take('join');
    for (let times = 0; times < 16; times += 1) meter.take('publish');
    for (let times = 0; times < 50; times += 1) meter.take('startSubscriptions');
    for (let times = 0; times < 20; times += 1) meter.take('updatePublication');
    for (let times = 0; times < 5; times += 1) meter.take('sendChat');
  }
  limits.close();
});

test('an hour of resizing windows, muting and chatting', () => {
  const clock = new FakeClock();
  const limits = new Limits(clock, config);
  const meters = Array.from({ length: 50 }, (_, index) =>
    limits.meter({ address: '192.0.2.1', room: 'room', identity: `person-${index}` }),
  );
  for (let second = 0; second < 3600; second += 1) {
    const [resizing, typing] = [meters[second % 50], meters[(second + 7) % 50]];
    // As often as the SDK sends views.
    for (let times = 0; times < 10; times += 1) resizing?.take('setView');
    for (let times = 0; times < 4; times += 1) typing?.take('listParticipants');
    for (const meter of meters) if (second % 5 === 0) meter.take('updatePublication');
    for (const meter of meters.slice(0, 20)) if (second % 2 === 0) meter.take('sendChat');
    clock.advance(1000);
  }
  limits.close();
});
