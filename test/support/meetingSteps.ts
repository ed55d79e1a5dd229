import type { RoomSettingChanges } from '../../src/protocol/index.ts';
import { fakeAudioParameters, fakeVideoParameters } from './fakeMedia.ts';

/** What may happen in a meeting of a property test; whoever and whatever is meant by number, counted anew past the end. */
export type Step =
  | { do: 'join'; identity: string; av1: boolean; view: 'auto' | number[] }
  | { do: 'leave' | 'start'; who: number }
  | { do: 'drop'; who: number }
  | { do: 'publish'; who: number; source: 'camera' | 'microphone' | 'screen'; muted: boolean; av1: boolean }
  | { do: 'unpublish'; who: number; which: number }
  | { do: 'mute'; who: number; which: number; muted: boolean }
  | { do: 'view'; who: number; view: 'auto' | number[]; age: number }
  | { do: 'hand' | 'silent'; who: number; on: boolean }
  | { do: 'speak'; which: number; level: number; how: 'onset' | 'sustained' | 'on' }
  | { do: 'score'; which: number; score: number }
  | { do: 'flow'; which: number; flows: boolean }
  | { do: 'estimate'; who: number; bitsPerSecond: number }
  | { do: 'failRouter'; which: number }
  | { do: 'settings'; changes: RoomSettingChanges }
  | { do: 'spotlight'; identities: string[] }
  | { do: 'wait'; ms: number }
  | { do: 'resolve'; count: number };

/** What a client asks for that takes this step. */
export function publishParams(requestId: string, { source, muted, av1 }: Extract<Step, { do: 'publish' }>) {
  const audio = source === 'microphone';
  return {
    requestId,
    source,
    kind: audio ? 'audio' : 'video',
    rtpParameters: audio ? fakeAudioParameters() : fakeVideoParameters(3, av1 ? 'AV1' : 'VP8'),
    muted,
    ...(!audio && { width: 1280, height: 720 }),
  };
}
