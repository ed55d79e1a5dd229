import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { keepPeers } from '../support/protocols.ts';
import { waitFor } from '../support/waitFor.ts';

interface PeerFacts {
  /** Another one after each ICE restart. */
  ufrag: string;
  /** Connectivity checks that were answered: in silence one each 2.5 s. */
  answers: number;
}

function peers(person: Person): Promise<PeerFacts[]> {
  return person.page.evaluate(async () => {
    const all: RTCPeerConnection[] = Reflect.get(window, 'peers');
    const open = all.filter(({ connectionState }) => connectionState === 'connected');
    return Promise.all(
      open.map(async (peer) => {
        const report = [...(await peer.getStats()).values()];
        const answers = report.reduce((sum, entry) => sum + (entry.responsesReceived ?? 0), 0);
        return { ufrag: /a=ice-ufrag:(\S+)/.exec(peer.localDescription?.sdp ?? '')?.[1] ?? '', answers };
      }),
    );
  });
}

/**
 * Makes somebody fall silent, waits for some seconds of that, told by the browser's own checks, and says that nobody has
 * restarted anything since before.
 */
async function expectLeftAlone(people: readonly Person[], fallSilent: () => Promise<unknown>): Promise<void> {
  const ufrags = () => Promise.all(people.map(async (person) => (await peers(person)).map(({ ufrag }) => ufrag)));
  const before = await ufrags();
  for (const each of before) expect(each.length).toBe(2);
  await fallSilent();
  await Promise.all(people.map(threeChecks));
  expect(await ufrags()).toEqual(before);
}

async function threeChecks(person: Person): Promise<void> {
  const before = await peers(person);
  await waitFor(
    'three checks on each transport',
    async () => (await peers(person)).every(({ answers }, index) => answers >= (before[index]?.answers ?? 0) + 3),
    { timeoutMs: 30_000, intervalMs: 200 },
  );
}

test('a line on which nobody says anything is not taken for broken', async ({ meeting }) => {
  const [ada, bob] = [
    await meeting.join({ room: 'silent', name: 'Ada', initScript: keepPeers }),
    await meeting.join({ room: 'silent', name: 'Bob', initScript: keepPeers }),
  ];
  await ada.seesPicture(ada.tile('Bob'));
  await bob.seesPicture(bob.tile('Ada'));
  // First the cameras, so that a moment later only voices with pauses are left.
  const both = (button: string) => () => Promise.all([ada.click(button), bob.click(button)]);
  await expectLeftAlone([ada, bob], both('Turn camera off'));
  await expectLeftAlone([ada, bob], both('Mute microphone'));
  await expectLeftAlone([ada], async () => {
    await bob.click('Leave');
    await ada.tile('Bob').waitFor({ state: 'detached' });
  });
});

test('others who stop all at once are no reason for a restart', async ({ meeting }) => {
  const watcher = await meeting.join({
    room: 'stop',
    name: 'Eve',
    query: { video: '0', audio: '0' },
    initScript: keepPeers,
  });
  const bob = await meeting.join({ room: 'stop', name: 'Bob' });
  await watcher.seesPicture(watcher.tile('Bob'));
  await expectLeftAlone([watcher], async () => {
    await bob.close();
    await watcher.tile('Bob').waitFor({ state: 'detached' });
  });
});
