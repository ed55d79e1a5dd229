import { expect, test } from 'vitest';
import type { EngineSocket } from '../../../src/signaling/engineSocket.ts';
import { SlowReaders } from '../../../src/signaling/SlowReaders.ts';
import { FakeClock } from '../../support/FakeClock.ts';

const mebibyte = 1024 * 1024;

const nothing = () => undefined;

/** A WebSocket in which so many bytes wait as the test says. */
function waiting() {
  const socket = { bufferedAmount: 0, on: nothing, readyState: 1, terminate: nothing, pause: nothing, resume: nothing };
  const conn = { transport: { socket }, writeBuffer: [] };
  return { socket, conn: conn as unknown as EngineSocket };
}

function watched() {
  const clock = new FakeClock();
  const cut: number[] = [];
  const readers = new SlowReaders(clock, (_conn, bytes) => cut.push(bytes));
  const { socket, conn } = waiting();
  readers.watch(conn);
  return {
    readers,
    conn,
    cut,
    /** So much waits at the next look. */
    look(bytes: number) {
      socket.bufferedAmount = bytes;
      clock.advance(250);
    },
    allow(bytes: number) {
      socket.bufferedAmount = bytes;
      readers.allow(conn);
    },
  };
}

test('who has more than a mebibyte to read is cut', () => {
  const { cut, look } = watched();
  look(mebibyte);
  expect(cut).toEqual([]);
  look(mebibyte + 1);
  expect(cut).toEqual([mebibyte + 1]);
});

test('what a client has to begin with does not count, what comes after it does', () => {
  const { cut, look, allow } = watched();
  allow(5 * mebibyte);
  look(5 * mebibyte);
  look(6 * mebibyte);
  expect(cut).toEqual([]);
  look(6 * mebibyte + 1);
  expect(cut).toEqual([6 * mebibyte + 1]);
});

test('what was allowed is used up by what has left', () => {
  const { cut, look, allow } = watched();
  allow(5 * mebibyte);
  look(2 * mebibyte);
  look(3 * mebibyte);
  expect(cut).toEqual([]);
  look(0);
  look(mebibyte + 1);
  expect(cut).toEqual([mebibyte + 1]);
});

test('nobody is watched after the end, and nothing is allowed to who is gone', () => {
  const { readers, conn, cut, look, allow } = watched();
  readers.forget(conn);
  allow(mebibyte);
  look(9 * mebibyte);
  expect(cut).toEqual([]);
});
