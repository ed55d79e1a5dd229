import type { Config } from '../../src/config.ts';

const wide = { perSecond: 1e6, burst: 1e6 };
const shared = { identity: wide, address: wide, room: wide };
const all = { socket: wide, ...shared };

/** For servers of tests that ask more in a moment than anybody would. */
export const wideLimits = {
  limitConnects: shared,
  limitJoins: all,
  limitRequests: all,
  limitChat: all,
  limitData: shared,
  limitHttp: { address: wide },
  limitPolling: { address: wide },
  limitTokens: { address: wide },
  limitApi: { application: wide, address: wide },
  maxPending: 10_000,
  maxAddressSockets: 1e6,
  maxIdentitySockets: 1e6,
} satisfies Partial<Config>;
