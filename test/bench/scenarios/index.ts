import type { Scenario } from '../scenario.ts';
import { attacker } from './attacker/index.ts';
import { comeback } from './comeback/index.ts';
import { cores } from './cores/index.ts';
import { firstFrame } from './firstFrame/parts.ts';
import { forwarding } from './forwarding/index.ts';
import { joins } from './joins/index.ts';
import { latency } from './latency.ts';
import { meeting } from './meeting/index.ts';
import { memory } from './memory/index.ts';
import { speaker } from './speaker/index.ts';

/** All there is to measure, by the name that `npm run bench -- NAME` takes. */
export const scenarios: Record<string, Scenario> = {
  'first-frame': {
    about: 'from join() to the first frame, on loopback and over a bad line; memory of the server; time of npm start',
    parts: firstFrame,
  },
  forwarding: {
    about: 'packets out per CPU-second, beside mediasoup alone and Janus',
    parts: forwarding,
  },
  latency: {
    about: 'time through the server at 60,000 packets a second, beside mediasoup alone',
    parts: latency,
  },
  cores: {
    about: 'one room on two workers, beside the same on one',
    parts: cores,
  },
  comeback: {
    about: 'two thousand sockets that come back at once: how soon they are in, and what a call hears of it',
    parts: comeback,
  },
  attacker: {
    about:
      'a call and joins while an attacker in another network sends ten times what is allowed, and where nothing is refused',
    parts: attacker,
    decides: true,
  },
  joins: {
    about: 'what a join costs in a room of a thousand, beside one in a small room, and without scoping and batching',
    parts: joins,
  },
  memory: {
    about: 'bytes for each participant, publication and subscription, and whether they are given back',
    parts: memory,
  },
  meeting: {
    about: 'what a meeting costs when each receives what it sees and hears, beside everybody receiving everything',
    parts: meeting,
  },
  speaker: {
    about: 'from the first word of somebody to the first packet at those who did not receive that person before',
    parts: speaker,
  },
};
