import type { Scenario } from '../scenario.ts';
import { firstFrame } from './firstFrame/parts.ts';
import { forwarding } from './forwarding/index.ts';
import { joins } from './joins/index.ts';
import { latency } from './latency.ts';

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
  joins: {
    about: 'what a join costs when a thousand are in the room, beside everybody told of everybody',
    parts: joins,
  },
};
