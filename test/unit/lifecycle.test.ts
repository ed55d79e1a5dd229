import { describe, expect, test } from 'vitest';
import { Emitter } from '../../src/events.ts';
import { Scope } from '../../src/lifecycle.ts';

describe('a scope', () => {
  test('undoes newest first, one after the other, once', async () => {
    const scope = new Scope();
    const undone: string[] = [];
    scope.add(() => void undone.push('first'));
    scope.add(async () => {
      await new Promise(setImmediate);
      undone.push('second');
    });
    expect(scope.closed).toBe(false);
    await Promise.all([scope.close(), scope.close()]);
    expect(undone).toEqual(['second', 'first']);
    expect(scope.closed).toBe(true);
  });

  test('a failure keeps nothing open, and the first is thrown', async () => {
    const scope = new Scope();
    const undone: string[] = [];
    scope.add(() => void undone.push('first'));
    scope.add(() => {
      throw new Error('the later failure');
    });
    scope.add(() => Promise.reject(new Error('the first failure')));
    await expect(scope.close()).rejects.toThrow('the first failure');
    expect(undone).toEqual(['first']);
  });
});

describe('an emitter', () => {
  const make = () => new Emitter<{ news: [number]; other: [] }>();

  test('tells each listener once for each time it was put on, until it is taken off', () => {
    const emitter = make();
    const heard: number[] = [];
    const listener = (value: number) => void heard.push(value);
    const off = emitter.on('news', listener);
    emitter.on('news', listener);
    emitter.emit('news', 1);
    off();
    off();
    emitter.emit('news', 2);
    emitter.emit('other');
    expect(heard).toEqual([1, 1, 2]);
  });

  test('clear takes all of them off, and new ones may come', () => {
    const emitter = make();
    const heard: number[] = [];
    emitter.on('news', (value) => void heard.push(value));
    emitter.clear();
    emitter.emit('news', 1);
    emitter.on('news', (value) => void heard.push(value));
    emitter.emit('news', 2);
    expect(heard).toEqual([2]);
  });

  test('a listener may take itself and others off, or put new ones on, while it is told', () => {
    const emitter = make();
    const heard: string[] = [];
    const off = emitter.on('news', () => {
      heard.push('once');
      off();
      emitter.on('news', () => void heard.push('new'));
    });
    emitter.on('news', () => void heard.push('always'));
    emitter.emit('news', 1);
    emitter.emit('news', 2);
    expect(heard).toEqual(['once', 'always', 'always', 'new']);
  });

  test('one that throws neither stops the others nor reaches who emits, and is not swallowed', async () => {
    const emitter = make();
    const heard: number[] = [];
    const caught: unknown[] = [];
    // Vitest has a listener of its own, which would fail the run.
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => void caught.push(error));
    const bug = new Error('a bug');
    emitter.on('news', () => {
      throw bug;
    });
    emitter.on('news', (value) => void heard.push(value));
    emitter.emit('news', 1);
    await new Promise(setImmediate);
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
    expect(heard).toEqual([1]);
    expect(caught).toEqual([bug]);
  });
});
