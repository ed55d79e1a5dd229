import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { DataPerson } from '../support/DataPerson.ts';
import { buildSdkPage } from '../support/SdkPerson.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';

let server: TestServer;
let browser: Browser;
const people: DataPerson[] = [];

beforeAll(async () => {
  server = await startTestServer({ clientFolder: await buildSdkPage() });
  browser = await launchChromium();
});

afterEach(async () => {
  const problems = await Promise.all(people.map((person) => person.sdk.problems()));
  for (const person of people.splice(0)) await person.close();
  expect(problems.flat()).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function joinAll(room: string, ...identities: string[]): Promise<DataPerson[]> {
  const joined: DataPerson[] = [];
  for (const identity of identities)
    joined.push(await DataPerson.join(browser, server, { room, identity, blind: true }));
  people.push(...joined);
  return joined;
}

test('reliable messages: to all, to some, to one, and the server says from whom', async () => {
  const [ada, bob, cyd] = await joinAll('reliable', 'ada', 'bob', 'cyd');
  if (!ada || !bob || !cyd) throw new Error('not everybody came');
  expect(await ada.send('all', { topic: 'greeting' })).toEqual({});
  expect(await ada.send('some', { to: [await bob.participantId(), 'cyd'] })).toEqual({});
  expect(await ada.send('one', { to: 'cyd' })).toEqual({});
  await bob.hears('all', 'some');
  await cyd.hears('all', 'some', 'one');
  expect(await bob.texts()).toEqual(['all', 'some']);
  expect(await ada.heard()).toEqual([]);
  expect((await bob.heard())[0]).toEqual({
    participantId: await ada.participantId(),
    identity: 'ada',
    known: true,
    text: 'all',
    bytes: 3,
    topic: 'greeting',
    reliable: true,
  });
});
