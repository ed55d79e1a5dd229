import fc from 'fast-check';
import { messages } from '../generate/messages.ts';
import { Visitor } from '../world/Visitor.ts';
import { type Attack, inParallel } from './Attack.ts';

const visitors = 8;
/** Messages that each of them has open at a time. */
const open = 3;
/** So many of them enter the room as they should; the others begin with whatever comes. */
const joined = 7;
/** The last of those is no moderator. */
const moderators = 6;

const all = messages();

/** Every request of the protocol, right, nearly right and wild, by people with good tokens in two rooms. */
export const requestsAttack: Attack = {
  name: 'requests',
  share: 0.76,
  batch: 1000,
  async run(seed, count, { url, findings, rooms }) {
    const list = fc.sample(all, { numRuns: count, seed });
    const [one, other] = rooms;
    const people = Array.from(
      { length: visitors },
      (_, index) => new Visitor(url, findings, index % 2 === 0 ? [one, other] : [other, one], index !== moderators),
    );
    await inParallel(list, visitors * open, async (message, lane) => {
      const index = lane % visitors;
      await people[index]?.say(message, index < joined).catch((error: unknown) => {
        findings.add(`${message.name} could not be sent: ${error}`);
      });
    });
    for (const person of people) person.close();
  },
};
