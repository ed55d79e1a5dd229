import { expect } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { PlenumApi } from '../../src/auth/PlenumApi.ts';
import { safeFileName } from '../../src/client/fileName.ts';
import { type ModerationInput, shapes } from '../../src/protocol/index.ts';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import { apiToken } from '../support/apiStage.ts';
import { DataClient } from '../support/DataClient.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { type TestServer, testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';
import { injections } from './generate/injections.ts';

/** The page must make no HTML of what people are called and say, so the policy that would stop scripts is off here. */
const unprotected = {
  bypassPolicy: true,
  initScript: 'window.ran = []; window.__injected = (which) => void window.ran.push(which);',
};
const quiet = { video: '0', audio: '0' };
const room = 'scripts';
const moderated = 'scripts-moderated';
const nameOf = (text: string) => text.slice(0, 64).trim();

/** Whatever can be told of somebody is one of the texts. */
async function enter(server: TestServer, text: string): Promise<RawClient> {
  const name = nameOf(text);
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

/** From now on what is shown for a moment only is kept for `hasBeenTold()`. */
async function watchNotices({ page }: Person): Promise<void> {
  await page.evaluate(() => {
    const told: string[] = [];
    Reflect.set(window, 'told', told);
    const watcher = new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const { textContent } of addedNodes) told.push(textContent ?? '');
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  });
}

async function hasBeenTold({ page }: Person, text: string): Promise<void> {
  await waitFor(`the notice ${text}`, () =>
    page.evaluate((wanted) => {
      const told: unknown = Reflect.get(window, 'told');
      return Array.isArray(told) && told.some((each) => String(each).includes(wanted));
    }, text),
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
    await shows(vic, injections.map(nameOf));
    for (const client of clients.splice(0, 5)) client.close();
    await vic.page.getByRole('button', { name: new RegExp(`${injections.length - 4} people`) }).waitFor();
    expect(await traces(vic)).toEqual([]);
    expect(dialogs).toEqual([]);
    expect(new URL(vic.page.url()).pathname).toBe(pathname);
  } finally {
    for (const client of clients) client.close();
  }
});

/** Who waits in the lobby. */
async function knock(server: TestServer, text: string): Promise<RawClient> {
  const client = await RawClient.connect(server.url, await server.token(moderated, text.slice(0, 128), nameOf(text)));
  await expect(client.join()).rejects.toMatchObject({ code: 'in-lobby' });
  return client;
}

async function moderatorCalled(server: TestServer, text: string): Promise<RawClient> {
  const who = { room: moderated, identity: `moderator ${text}`.slice(0, 128), displayName: nameOf(text) };
  const token = await createAccessToken(testSecret, { ...who, grants: { moderator: true } });
  const client = await RawClient.connect(server.url, token);
  await client.join();
  return client;
}

test('so are names of files and of who waits, what moderators are called, and the reasons that they give', async ({
  meeting,
}) => {
  const server = await meeting.serve({ config: wideLimits });
  const api = new PlenumApi({ url: server.url, token: () => apiToken() });
  const clients: RawClient[] = [];
  const closing: LoadParticipant[] = [];
  const where = { room: moderated, query: { ...quiet, join: '1' }, ...unprotected };
  try {
    // Who comes first is the host, and so sees the lobby and the bans.
    const vic = await meeting.join({ ...where, name: 'Vic' });
    const participantId = await vic.page.evaluate(() => window.plenum.local?.participantId ?? '');
    await vic.click('Open chat');
    await Promise.all(injections.map((text) => api.sendChat(moderated, { text: 'hello', displayName: nameOf(text) })));
    await shows(vic, injections.map(nameOf));

    const token = await server.token(moderated, 'files');
    const sender = await LoadParticipant.join(await createContext(), { url: server.url, token });
    closing.push(sender);
    const data = await DataClient.open(sender);
    for (const [index, text] of injections.entries()) {
      const offer = { type: 'offer', fileId: `file-${index}`, name: text, mimeType: 'text/html', size: 10 } as const;
      await data.say('reliable', '', { to: [participantId], file: offer });
    }
    await shows(vic, injections.map(safeFileName));

    await api.updateRoom(moderated, { lobby: true });
    clients.push(...(await Promise.all(injections.map((text) => knock(server, text)))));
    const zoe = await meeting.open({ ...where, name: 'Zoe' });
    await zoe.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
    await vic.page.getByRole('button', { name: /^Open the list of people/ }).click();
    await shows(vic, injections.map(nameOf));
    expect(await vic.page.getByTestId('knock').count()).toBe(injections.length + 1);

    await vic.click('Banned');
    await watchNotices(vic);
    const waiting = await api.readLobby(moderated);
    const moderators = await Promise.all(injections.map((text) => moderatorCalled(server, text)));
    clients.push(...moderators);
    for (const [index, moderator] of moderators.entries()) {
      const text = injections[index] ?? '';
      const does = (moderation: ModerationInput) =>
        moderator.request('moderate', { requestId: newRequestId(), moderation });
      const knockId = waiting.find(({ identity }) => identity === text.slice(0, 128))?.knockId ?? '';
      await does({ action: 'refuse', knockId, ban: true, reason: text });
      await does({ action: 'grant', participantId, changes: { maxVideoBitrate: 1_000_000 + index } });
      await hasBeenTold(vic, `${nameOf(text)} has changed what you may do here`);
    }
    await shows(
      vic,
      injections.flatMap((text) => [text, `by ${nameOf(text)}`]),
    );
    expect(await traces(vic)).toEqual([]);

    const [, , , , reason = ''] = injections;
    const [last] = await api.readLobby(moderated);
    await api.refuse(moderated, last?.knockId ?? '', { reason });
    await zoe.page.getByRole('heading', { name: 'You were not let in' }).waitFor();
    await api.removeParticipant(moderated, participantId, { reason });
    await vic.page.getByRole('heading', { name: 'You were removed from the meeting' }).waitFor();
    for (const person of [vic, zoe]) {
      await shows(person, [`: ${reason}`]);
      expect(await traces(person)).toEqual([]);
    }
  } finally {
    for (const client of clients) client.close();
    for (const participant of closing) await participant.close();
  }
});
