import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns } from '../../../src/http/requestTurns.ts';

function requestOf(address: string): [IncomingMessage, ServerResponse] {
  const request = new IncomingMessage(new Socket());
  request.headers.from = address;
  return [request, new ServerResponse(request)];
}

test('an address does not wait behind all requests of another one, and those of one address keep their order', async () => {
  const answered: string[] = [];
  const answer = inTurns(
    ({ headers }) => headers.from?.split('/')[0] ?? '',
    ({ headers }) => {
      answered.push(headers.from ?? '');
    },
  );
  for (let n = 0; n < 50; n += 1) answer(...requestOf(`crowd/${n}`));
  answer(...requestOf('ada/0'));
  while (answered.length < 51) await setImmediate();
  expect(answered.indexOf('ada/0')).toBeLessThan(4);
  expect(answered.filter((each) => each !== 'ada/0')).toEqual(Array.from({ length: 50 }, (_, n) => `crowd/${n}`));
});

test('who has gone meanwhile is not answered', async () => {
  const answered: string[] = [];
  const answer = inTurns(
    () => 'one',
    ({ headers }) => {
      answered.push(headers.from ?? '');
    },
  );
  for (const name of ['first', 'second']) answer(...requestOf(name));
  const [request, response] = requestOf('gone');
  answer(request, response);
  response.destroy();
  answer(...requestOf('last'));
  while (!answered.includes('last')) await setImmediate();
  expect(answered).toEqual(['first', 'second', 'last']);
});
