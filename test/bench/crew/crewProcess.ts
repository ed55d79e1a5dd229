import { createContext } from '../../load/meeting/LoadMeeting.ts';
import { answerCalls } from '../calls.ts';
import { Crew } from './Crew.ts';
import type { CrewCall } from './RemoteCrew.ts';

/** A crew that does what RemoteCrew.ts asks for. */

const crew = new Crew(await createContext(), JSON.parse(process.argv[2] ?? '{}'));

async function answer(call: CrewCall): Promise<unknown> {
  switch (call.do) {
    case 'join':
      return crew.join(call);
    case 'speak':
      return crew.speak(call.identity);
    case 'hush':
      return crew.hush(call.identity);
    case 'expect':
      return crew.expect(call.speaker);
    case 'arrivals':
      return crew.arrivals();
  }
}

// Whoever is still there is gone with the process; the server sees the sockets close.
answerCalls<CrewCall>('ready', answer, () => undefined);
