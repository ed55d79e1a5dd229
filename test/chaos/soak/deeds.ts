import type { Dice } from '../Dice.ts';
import type { Guest } from '../world/Guest.ts';
import { extraName } from '../world/names.ts';

/** What people do in a meeting; each as often as its weight says. */
interface Deed {
  readonly name: string;
  readonly weight: number;
  do(guest: Guest, dice: Dice): Promise<void>;
}

const deeds: readonly Deed[] = [
  {
    name: 'mute or unmute',
    weight: 30,
    do: ({ page }) =>
      page.evaluate(async () => {
        const muted = window.plenum.local?.publications.get('microphone')?.muted ?? true;
        await window.plenum.setMicrophoneEnabled(muted);
      }),
  },
  {
    name: 'camera off or on',
    weight: 15,
    do: ({ page }) =>
      page.evaluate(async () => {
        const off = window.plenum.local?.publications.get('camera')?.muted ?? true;
        await window.plenum.setCameraEnabled(off);
      }),
  },
  {
    name: 'chat',
    weight: 15,
    do: ({ name, page }, dice) =>
      page.evaluate((text) => window.plenum.sendChat(text), `${name} throws ${dice.between(1, 6)}`),
  },
  {
    name: 'data',
    weight: 15,
    do: ({ page }, dice) =>
      page.evaluate((size) => window.plenum.sendData(new Uint8Array(size)), dice.between(1, 50_000)),
  },
  { name: 'another layout', weight: 10, do: ({ page }) => page.keyboard.press('g') },
  {
    name: 'hand up or down',
    weight: 8,
    do: ({ page }) =>
      page.evaluate(async () => {
        const { local } = window.plenum;
        if (local) await window.plenum.setHandRaised(local.handRaisedAt === undefined);
      }),
  },
  {
    name: 'metadata',
    weight: 5,
    do: ({ page }, dice) => page.evaluate((mood) => window.plenum.updateMetadata({ mood }), `${dice.between(1, 9)}`),
  },
  {
    name: 'pin somebody',
    weight: 5,
    do: ({ page }, dice) =>
      page.evaluate(
        async (chance) => {
          const identities = [...window.plenum.participants.values()].map(({ identity }) => identity);
          await window.plenum.setPinned(identities.slice(chance % identities.length).slice(0, 1));
        },
        dice.between(0, 1000),
      ),
  },
  {
    name: 'look somebody up',
    weight: 5,
    async do({ page, name }) {
      const found = await page.evaluate(async (query) => {
        const { participants } = await window.plenum.listParticipants({ query });
        return participants.map(({ displayName }) => displayName);
      }, name);
      if (!found.includes(name)) throw new Error(`finds ${found.join(', ') || 'nobody'} instead of themselves`);
    },
  },
  { name: 'file', weight: 8, do: sendFile },
  {
    name: 'share or stop',
    weight: 5,
    do: ({ page }) =>
      page.evaluate(async () => {
        const { local, participants } = window.plenum;
        const shares = local?.publications.has('screen') ?? false;
        // One at a time: two cores draw and encode for four people.
        const taken = [...participants.values()].some((other) => other.publication('screen') !== undefined);
        if (shares || !taken) await window.plenum.setScreenShareEnabled(!shares);
      }),
  },
  {
    name: 'leave and come again',
    weight: 5,
    async do(guest) {
      await guest.leave();
      await guest.enter();
    },
  },
];

/** To another guest, whose page accepts it (soakPage.ts); who leaves meanwhile does not get it. */
async function sendFile({ page }: Guest, dice: Dice): Promise<void> {
  const size = dice.between(1, 2_000_000);
  const problem = await page.evaluate(
    async ({ bytes, chance, extras }) => {
      const { participants } = window.plenum;
      const others = [...participants.values()].filter(({ displayName }) => !displayName.startsWith(extras));
      const other = others[chance % others.length];
      if (!other) return undefined;
      const transfer = window.plenum.sendFile(new Blob([new Uint8Array(bytes)]), { to: other.participantId });
      await transfer.done.catch(() => undefined);
      const [recipient] = transfer.recipients;
      const wasThere = participants.has(other.participantId);
      return recipient?.state === 'done' || !wasThere
        ? undefined
        : `${other.displayName}: ${recipient?.error?.message}`;
    },
    { bytes: size, chance: dice.between(0, 1000), extras: extraName },
  );
  if (problem !== undefined) throw new Error(`${size} bytes to ${problem}`);
}

const total = deeds.reduce((sum, { weight }) => sum + weight, 0);

export function pickDeed(dice: Dice): Deed {
  let left = dice.between(1, total);
  for (const deed of deeds) {
    left -= deed.weight;
    if (left <= 0) return deed;
  }
  throw new Error('the weights do not add up');
}
