import type { Dice } from '../Dice.ts';
import type { Guest } from '../world/Guest.ts';

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
    name: 'share or stop',
    weight: 5,
    do: ({ page }) =>
      page.evaluate(async () => {
        const shares = window.plenum.local?.publications.has('screen') ?? false;
        await window.plenum.setScreenShareEnabled(!shares);
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

const total = deeds.reduce((sum, { weight }) => sum + weight, 0);

export function pickDeed(dice: Dice): Deed {
  let left = dice.between(1, total);
  for (const deed of deeds) {
    left -= deed.weight;
    if (left <= 0) return deed;
  }
  throw new Error('the weights do not add up');
}
