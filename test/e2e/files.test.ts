import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';

const quiet = { video: '0', audio: '0' };

/** Bytes that are no pattern, the same at each run. */
function contentOf(size: number): Buffer {
  const content = Buffer.alloc(size);
  let state = 7;
  for (let index = 0; index < size; index += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    content[index] = state >> 16;
  }
  return content;
}

const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex');

async function attach(person: Person, name: string, buffer: Buffer): Promise<void> {
  await person.page.getByTestId('file-input').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

/** A file that is made in the page, so that its bytes need not go there first. */
async function attachLarge(person: Person, name: string, size: number): Promise<void> {
  await person.page.getByTestId('file-input').evaluate(
    (input, file) => {
      if (!(input instanceof HTMLInputElement)) throw new Error('no input for files');
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(file.size)], file.name));
      input.files = transfer.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
    { name, size },
  );
}

const card = (person: Person, name: string) => person.page.locator(`[data-testid="file"][data-name="${name}"]`);

test('a file is offered in the chat, accepted, and arrives as it was', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'files', name: 'Ada', query: quiet });
  const bob = await meeting.join({ room: 'files', name: 'Bob', query: quiet });
  const content = contentOf(1_500_000);
  await ada.tile('Bob').waitFor();
  await ada.click('Open chat');
  await attach(ada, 'report.bin', content);
  await card(ada, 'report.bin').getByText('Offered to 1 person').waitFor();

  // Bob's chat is closed: he is told.
  await bob.page.getByText('Ada wants to send you a file').waitFor();
  await bob.click('Open chat');
  await card(bob, 'report.bin').getByText('1.5 MB').waitFor();
  const download = bob.page.waitForEvent('download');
  await bob.click('Accept report.bin');
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('report.bin');
  expect(hash(await readFile(await saved.path()))).toBe(hash(content));
  await card(bob, 'report.bin').getByText('Saved with your downloads').waitFor();
  await card(ada, 'report.bin').getByText('Received by 1 person').waitFor();

  const again = bob.page.waitForEvent('download');
  await bob.click('Save report.bin again');
  expect(hash(await readFile(await (await again).path()))).toBe(hash(content));
});

test('a file can be declined, withdrawn, and cancelled on its way', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'unwanted', name: 'Ada', query: quiet });
  const bob = await meeting.join({ room: 'unwanted', name: 'Bob', query: quiet });
  await ada.tile('Bob').waitFor();
  await ada.click('Open chat');
  await bob.click('Open chat');

  await attach(ada, 'declined.txt', contentOf(10));
  await bob.click('Decline declined.txt');
  await card(bob, 'declined.txt').getByText('Declined', { exact: true }).waitFor();
  await card(ada, 'declined.txt').getByText('Not sent: declined').waitFor();

  await attach(ada, 'withdrawn.txt', contentOf(10));
  await bob.button('Accept withdrawn.txt').waitFor();
  await ada.click('Cancel sending withdrawn.txt');
  await card(ada, 'withdrawn.txt').getByText('Cancelled').waitFor();
  await card(bob, 'withdrawn.txt').getByText('Cancelled').waitFor();

  // Large enough to be on its way for a while.
  await attachLarge(ada, 'large.bin', 60_000_000);
  await bob.click('Accept large.bin');
  await card(bob, 'large.bin').getByRole('progressbar').waitFor();
  await bob.click('Cancel receiving large.bin');
  await card(bob, 'large.bin').getByText('Cancelled').waitFor();
  await card(ada, 'large.bin').getByText('Not sent: cancelled').waitFor();
});

test('a file that cannot be offered says why', async ({ meeting }) => {
  await meeting.serve({ config: { maxFileBytes: 1000 } });
  const ada = await meeting.join({ room: 'limits', name: 'Ada', query: quiet });
  await ada.click('Open chat');
  await attach(ada, 'alone.txt', contentOf(10));
  await ada.page.getByText('There is nobody to send a file to').waitFor();
  await meeting.join({ room: 'limits', name: 'Bob', query: quiet });
  await ada.tile('Bob').waitFor();
  await attach(ada, 'large.txt', contentOf(1001));
  await ada.page.getByText('“large.txt” is too large').waitFor();
  expect(await ada.page.getByTestId('file').count()).toBe(0);
});

test('a file that is dropped on the page is offered, and does not take the page away', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'drop', name: 'Ada', query: quiet });
  const bob = await meeting.join({ room: 'drop', name: 'Bob', query: quiet });
  await ada.tile('Bob').waitFor();
  const data = await ada.page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['dropped'], 'dropped.txt'));
    return transfer;
  });
  await ada.page.locator('.stage').dispatchEvent('dragover', { dataTransfer: data });
  await ada.page.getByText('Drop to offer it to everybody').waitFor();
  await ada.page.locator('.stage').dispatchEvent('drop', { dataTransfer: data });
  await card(ada, 'dropped.txt').waitFor();
  expect(await ada.page.getByText('Drop to offer it to everybody').count()).toBe(0);
  await bob.click('Open chat');
  await bob.button('Accept dropped.txt').waitFor();
  // Who leaves offers nothing any more.
  await ada.click('Leave');
  await card(bob, 'dropped.txt').getByText('Not received: left the meeting').waitFor();
});
