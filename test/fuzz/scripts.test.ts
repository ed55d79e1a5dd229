import { expect } from 'vitest';
import { shapes } from '../../src/protocol/index.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import type { TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { injections } from './generate/injections.ts';

/** The page must make no HTML of what people are called and say, so the policy that would stop scripts is off here. */
const unprotected = {
  bypassPolicy: true,
  initScript: 'window.ran = []; window.__injected = (which) => void window.ran.push(which);',
};
const quiet = { video: '0', audio: '0' };
const room = 'scripts';

/** Whatever can be told of somebody is one of the texts. */
async function enter(server: TestServer, text: string): Promise<RawClient> {
  const name = text.slice(0, 64).trim();
  const client = await RawClient.connect(server.url, await server.token(room, text.slice(0, 128), name));
  await client.join({ metadata: { note: text } });
  await client.request('publish', { ...fakeMicrophone(newRequestId()), metadata: { label: text } });
  await client.request('raiseHand', { requestId: newRequestId(), raised: true });
  await client.request('sendChat', { requestId: newRequestId(), text });
  return client;
}

async function shows(person: Person, texts: readonly string[]): Promise<void> {
  await waitFor(
    'all texts as they are',
    async () => {
      const shown = await person.page.evaluate(() => document.body.textContent);
      return texts.every((text) => shown.includes(text));
    },
    { timeoutMs: 20_000, intervalMs: 200 },
  );
}

/** What scripts have done, and what in the page could still run one. */
async function traces({ page }: Person): Promise<unknown[]> {
  return page.evaluate(() => {
    const addresses = new Set(['href', 'xlink:href', 'src', 'srcdoc', 'action', 'formaction', 'data', 'style']);
    const suspicious = [...document.querySelectorAll('*')].filter((element) => {
      const { attributes } = element;
      return [...attributes].some(
        ({ name, value }) => name.startsWith('on') || (addresses.has(name) && value.includes('__injected')),
      );
    });
    const ran: unknown = Reflect.get(window, 'ran');
    return [...(Array.isArray(ran) ? ran : ['no canary']), ...suspicious.map(({ outerHTML }) => outerHTML)];
  });
}

test('names, identities, metadata and chat that are scripts elsewhere are text here', async ({ meeting }) => {
  const server = await meeting.serve();
  expect(injections.every((text) => shapes.displayName.safeParse(text.slice(0, 64)).success)).toBe(true);
  const dialogs: string[] = [];
  const clients: RawClient[] = [];
  const half = Math.ceil(injections.length / 2);
  try {
    for (const text of injections.slice(0, half)) clients.push(await enter(server, text));
    const vic = await meeting.join({ room, name: '<img src=x onerror=__injected(0)>', query: quiet, ...unprotected });
    vic.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const { pathname } = new URL(vic.page.url());
    await vic.click('Open chat');
    // These come while the page is open: as deltas, toasts and new messages.
    for (const text of injections.slice(half)) clients.push(await enter(server, text));
    await shows(vic, injections);
    await vic.page.getByRole('button', { name: new RegExp(`${injections.length + 1} people`) }).click();
    await shows(
      vic,
      injections.map((text) => text.slice(0, 64).trim()),
    );
    for (const client of clients.splice(0, 5)) client.close();
    await vic.page.getByRole('button', { name: new RegExp(`${injections.length - 4} people`) }).waitFor();
    expect(await traces(vic)).toEqual([]);
    expect(dialogs).toEqual([]);
    expect(new URL(vic.page.url()).pathname).toBe(pathname);
  } finally {
    for (const client of clients) client.close();
  }
});
