import { expect, test } from 'vitest';
import { helpText, isThisMachine, readOptions } from '../../load/options.ts';
import { isStarved } from '../../load/reportText.ts';

test('defaults, and what the issue calls for', () => {
  expect(readOptions([])).toMatchObject({ url: 'http://localhost:3000', view: 9, seconds: 60, ramp: 20, json: false });
  const line = '--url http://127.0.0.1:3000/r/x --room a --publishers 4 --audio-publishers 5 --subscribers 6 --view 4';
  expect(readOptions([...line.split(' '), '--ramp', '50/s', '--audio-frame', '60', '--json'])).toMatchObject({
    url: 'http://127.0.0.1:3000',
    room: 'a',
    publishers: 4,
    audioPublishers: 5,
    subscribers: 6,
    view: 4,
    ramp: 50,
    audioFrame: 60,
    json: true,
    remote: false,
  });
});

test('whoever asks for help gets it, whatever else is wrong', () => {
  expect(readOptions(['--help', '--seconds', 'x']).help).toBe(true);
  for (const flag of ['--publishers', '--audio-publishers', '--remote', '--token-secret']) {
    expect(helpText()).toContain(flag);
  }
});

test('a switch takes no value, a value may not be missing', () => {
  expect(() => readOptions(['--json=1'])).toThrow('--json takes no value.');
  expect(() => readOptions(['--room='])).toThrow('--room is ""; it must be 1 to 64 letters');
});

test('which hosts are this machine', () => {
  const here = ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', 'a.localhost'];
  expect(here.filter((host) => !isThisMachine(host))).toEqual([]);
  const there = ['example.com', '192.0.2.1', '[2001:db8::1]', '127.0.0.1.example.com', 'localhost.example.com'];
  expect(there.filter(isThisMachine)).toEqual([]);
  expect(() => readOptions(['--url', 'http://192.0.2.1:3000'])).toThrow('give --remote');
  expect(readOptions(['--url', 'http://192.0.2.1:3000', '--remote']).remote).toBe(true);
});

test('a client that is busy all the time is not taken for a slow server', () => {
  expect(isStarved({ clientBusy: 0.9 })).toBe(true);
  expect(isStarved({ clientBusy: 0.5 })).toBe(false);
});
