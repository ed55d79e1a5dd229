import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect } from 'vitest';
import { z } from 'zod';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

/** The web client under its Content-Security-Policy and Trusted Types; errors in the console fail every test anyhow. */

declare global {
  interface Window {
    /** What the policy has forbidden since the page was opened. */
    violations: string[];
  }
}

const initScript = `
  window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
    window.violations.push(effectiveDirective + ' ' + blockedURI + ' at ' + sourceFile + ':' + lineNumber);
  });
`;
const violations = (person: Person) => person.page.evaluate(() => window.violations);

test('a meeting with everything that the page can do breaks no rule of its policy', async ({ meeting }) => {
  const server = await meeting.serve();
  const browser = await meeting.browser({ args: ['--auto-select-tab-capture-source-by-title=Plenum'] });
  const policy = (await fetch(`${server.url}/r/policy`)).headers.get('content-security-policy');
  expect(policy).toContain("require-trusted-types-for 'script'");

  // Through the lobby, with its preview and the level meter.
  const ada = await meeting.open({ room: 'policy', name: 'Ada', browser, initScript });
  await ada.page.getByText('Devices', { exact: true }).click();
  await ada.click('Join');
  const bob = await meeting.join({ room: 'policy', name: 'Bob', initScript });
  await bob.seesPicture(bob.tile('Ada'));
  await ada.seesPicture(ada.tile('Bob'));
  await bob.hears(1);
  expect(await ada.page.evaluate(() => window.plenum.state)).toBe('joined');

  // Chat: links are links, everything else is text.
  await ada.click('Open chat');
  await bob.click('Open chat');
  const message =
    'see https://example.org/a?b=1 and <img src=x onerror="window.violations.push(1)"> javascript:alert(1)';
  await ada.page.getByPlaceholder('Write a message').fill(message);
  await ada.click('Send');
  await bob.page.getByRole('link', { name: 'https://example.org/a?b=1' }).waitFor();
  await bob.page.getByText('<img src=x onerror=').waitFor();
  expect(await bob.page.locator('img').count()).toBe(0);

  // A file, which is saved from a blob.
  const content = Buffer.from('<script>window.violations.push(2)</script>'.repeat(1000));
  const file = { name: 'page.html', mimeType: 'text/html', buffer: content };
  await ada.page.getByTestId('file-input').setInputFiles(file);
  const download = bob.page.waitForEvent('download');
  await bob.click('Accept page.html');
  expect(await readFile(await (await download).path())).toEqual(content);

  // The screen, the layouts, the people, the settings.
  await ada.click('Share screen');
  await bob.seesPicture(bob.screenTile());
  await ada.click('Stop sharing');
  await bob.screenTile().waitFor({ state: 'detached' });
  await bob.click('Speaker view');
  await bob.page.getByRole('button', { name: /list of people/ }).click();
  await bob.page.getByRole('searchbox').fill('ada');
  await bob.click('Settings');
  await bob.page.getByRole('dialog').waitFor();
  await bob.page.keyboard.press('Escape');
  await ada.click('Raise hand');
  await ada.click('Mute microphone');
  await ada.click('Turn camera off');
  await bob.page
    .getByRole('listitem', { name: /^Ada, muted, camera off/ })
    .first()
    .waitFor();

  for (const person of [ada, bob]) expect(await violations(person)).toEqual([]);
  await ada.click('Leave');
  await ada.page.getByText('You left the meeting').waitFor();
  expect(await violations(ada)).toEqual([]);
});

test('what is no part of the page is kept out: script from text, of others, and requests to elsewhere', async ({
  meeting,
}) => {
  meeting.expectProblems(/Content Security Policy|Trusted/);
  const eve = await meeting.open({ room: 'policy', name: 'Eve', initScript });
  await eve.button('Join').waitFor();
  const outcome = await eve.page.evaluate(async () => {
    const attempt = (work: () => unknown) => {
      try {
        work();
        return 'done';
      } catch (error) {
        return error instanceof Error ? error.name : 'thrown';
      }
    };
    const script = document.createElement('script');
    const inline = attempt(() => {
      script.setAttribute('src', 'data:text/javascript,window.violations.push("ran")');
      document.body.append(script);
    });
    return {
      html: attempt(() => Object.assign(document.createElement('div'), { innerHTML: '<b>bold</b>' })),
      inline,
      policy: attempt(() => Reflect.get(window, 'trustedTypes').createPolicy('default', {})),
      elsewhere: await fetch('https://203.0.113.1/').then(
        () => 'done',
        () => 'refused',
      ),
    };
  });
  expect(outcome).toMatchObject({ html: 'TypeError', policy: 'TypeError', elsewhere: 'refused' });
  const kept = await waitFor('the violations', async () => {
    const all = await violations(eve);
    return all.some((each) => each.startsWith('connect-src')) ? all : undefined;
  });
  expect(kept).not.toContain('ran');
  expect(kept.map((each) => each.split(' ')[0])).toEqual(
    expect.arrayContaining(['require-trusted-types-for', 'trusted-types', 'connect-src']),
  );
});

test('a page of another site may show a meeting in a frame only where the server names it', async ({ meeting }) => {
  meeting.expectProblems(/directive: "frame-ancestors/);
  let meetingUrl = '';
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    const frame = `<iframe src="${meetingUrl}/r/framed" allow="camera; microphone"></iframe>`;
    response.end(`<!doctype html><link rel="icon" href="data:,">${frame}`);
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = z.object({ port: z.number() }).parse(site.address());
    const friend = `http://127.0.0.1:${port}`;
    const { url } = await meeting.serve({ config: { frameAncestors: [friend] } });
    meetingUrl = url;
    const eve = await meeting.open({ room: 'framed', name: 'Eve' });
    const framed = async (address: string) => {
      await eve.page.goto(address);
      return waitFor('the frame', () => eve.page.frames()[1]);
    };
    await (await framed(friend)).locator('#root').getByRole('button', { name: 'Join' }).waitFor();
    const refused = await framed(`http://localhost:${port}`);
    await waitFor('the refusal', () => refused.url().startsWith('chrome-error:'));
  } finally {
    site.close();
    site.closeAllConnections();
  }
});
