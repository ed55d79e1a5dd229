import { z } from 'zod';
import { createContext } from '../../load/meeting/LoadMeeting.ts';
import type { LoadContext } from '../../load/meeting/LoadParticipant.ts';
import { tokensFromDoor } from '../../load/meeting/tokens.ts';
import { Dice } from '../Dice.ts';
import { extraName } from '../world/names.ts';
import { Extra } from './Extra.ts';

/** Load clients that come, go, publish and talk by chance, until the parent process goes. See Crowd.ts. */

const settings = z.object({ url: z.string(), room: z.string(), size: z.number(), seed: z.number() });
const { url, room, size, seed } = settings.parse(JSON.parse(process.argv[2] ?? '{}'));

/** One thing is done so often, in milliseconds. */
const deedEveryMs = 300;
const comeAtOnce = 5;
const camerasAtMost = 2;
const microphones = 8;

async function main(context: LoadContext): Promise<void> {
  const dice = new Dice(seed);
  const token = tokensFromDoor(url);
  const crowd = Array.from({ length: size }, (_, index) => {
    const identity = `${extraName}${index + 1}`;
    const role = index < camerasAtMost ? 'camera' : index < camerasAtMost + microphones ? 'microphone' : 'none';
    return new Extra(context, { url, identity, role, token: () => token(room, identity) });
  });
  for (const extra of crowd) await extra.come();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, deedEveryMs));
    const extra = dice.pick(crowd);
    await extra.act(dice.next());
    const absent = crowd.filter(({ isThere }) => !isThere);
    if (dice.next() < 0.7) await Promise.all(absent.slice(0, comeAtOnce).map((each) => each.come()));
    process.send?.(crowd.filter(({ isThere }) => isThere).length);
  }
}

process.on('disconnect', () => process.exit());
main(await createContext()).catch((error) => {
  console.error(error);
  process.exit(1);
});
