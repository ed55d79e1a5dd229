import fc from 'fast-check';
import { packets } from '../generate/packets.ts';
import { Visitor } from '../world/Visitor.ts';
import { type Attack, inParallel } from './Attack.ts';

const visitors = 4;
/** After so many packets a good request: whoever is still connected must get an answer. */
const between = 8;

/** engine.io and socket.io packets over a WebSocket that is open and has joined. */
export const packetsAttack: Attack = {
  name: 'packets',
  share: 0.06,
  batch: 200,
  async run(seed, count, { url, findings, rooms }) {
    const list = fc.sample(packets, { numRuns: count, seed });
    const people = Array.from({ length: visitors }, () => new Visitor(url, findings, rooms));
    let thrown = 0;
    await inParallel(list, visitors, async (packet, lane) => {
      const person = people[lane];
      if (!person) return;
      thrown += 1;
      try {
        await person.throwPacket(packet);
        if (thrown % between === 0) await person.isHeard();
      } catch (error) {
        findings.add(`after ${JSON.stringify(packet).slice(0, 200)}: ${error}`);
      }
    });
    for (const person of people) person.close();
  },
};
