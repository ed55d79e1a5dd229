import type { Attack } from './Attack.ts';
import { apiAttack } from './api.ts';
import { mediaAttack } from './media.ts';
import { packetsAttack } from './packets.ts';
import { framesAttack, httpAttack } from './raw.ts';
import { requestsAttack } from './requests.ts';
import { tokensAttack } from './tokens.ts';

/** All that go on at the same time; their shares add up to one. */
export const attacks: readonly Attack[] = [
  requestsAttack,
  packetsAttack,
  framesAttack,
  httpAttack,
  apiAttack,
  tokensAttack,
  mediaAttack,
];
