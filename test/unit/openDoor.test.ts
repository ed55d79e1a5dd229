import { describe, expect, test } from 'vitest';
import { type DoorOptions, doorOf, saidOf } from '../../src/openDoor.ts';
import { secret } from '../support/optionExamples.ts';

describe('the door', () => {
  const unset = { open: undefined, lan: false, trustProxy: [], tokenSecret: undefined, tokenKeys: undefined };
  test.each<[string, Partial<DoorOptions>, string]>([
    ['localhost', {}, 'local'],
    ['127.0.0.1', {}, 'local'],
    ['127.0.0.2', {}, 'local'],
    ['::1', {}, 'local'],
    ['0.0.0.0', {}, 'closed'],
    ['::', {}, 'closed'],
    ['192.0.2.1', {}, 'closed'],
    ['localhost.example', {}, 'closed'],
    // Where an application makes tokens, nobody else does, however near whoever asks seems to be.
    ['localhost', { tokenSecret: secret }, 'closed'],
    ['127.0.0.2', { tokenSecret: secret }, 'closed'],
    ['localhost', { tokenKeys: 'keys.json' }, 'closed'],
    ['localhost', { trustProxy: ['127.0.0.1'] }, 'closed'],
    ['localhost', { lan: true }, 'local'],
    ['localhost', { lan: true, tokenSecret: secret }, 'closed'],
    ['localhost', { open: true, tokenSecret: secret, trustProxy: ['127.0.0.1'] }, 'open'],
    ['192.0.2.1', { open: true, tokenKeys: 'keys.json' }, 'open'],
    ['localhost', { open: false, lan: true }, 'closed'],
  ])('at %s with %o is %s', (host, given, door) => {
    expect(doorOf({ ...unset, host, ...given })).toBe(door);
  });

  test('is told of where it is open', () => {
    expect(saidOf('local', false)).toContain('whoever uses this machine');
    expect(saidOf('local', true)).toContain('everybody on this network');
    expect(saidOf('open', false)).toContain('everybody can');
    expect(saidOf('closed', true)).toBeUndefined();
  });
});
