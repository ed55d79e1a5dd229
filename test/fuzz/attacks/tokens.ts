import fc from 'fast-check';
import { createAccessToken } from '../../../src/auth/index.ts';
import { testSecret } from '../../support/testServer.ts';
import { oddities } from '../generate/oddities.ts';
import { jsonOf, type Names } from '../generate/placeholders.ts';
import { wrongTokens } from '../generate/tokens.ts';
import { Refused, SocketClient } from '../world/SocketClient.ts';
import { type Attack, inParallel } from './Attack.ts';

const atOnce = 8;
const refusals = new Set(['unauthorized', 'bad-request', 'other-version', 'rate-limited']);
const names: Names = { name: (kind, index) => `${kind}${index}`, freshNumber: () => 1 };

/** Handshakes with tokens that are wrong in every field, and with what is no token. None may be let in. */
export const tokensAttack: Attack = {
  name: 'tokens',
  share: 0.02,
  batch: 100,
  async run(seed, count, { url, findings, rooms }) {
    const good = await createAccessToken(testSecret, {
      room: rooms[0].name,
      identity: 'forger',
      grants: { canPublish: false, canChat: false },
    });
    const tokens = wrongTokens(good, testSecret).map(({ what, token }) => ({ what, auth: JSON.stringify({ token }) }));
    const handshakes = fc.constantFrom(...oddities).map((odd) => ({ what: 'no handshake', auth: jsonOf(odd, names) }));
    const resumes = fc.constantFrom(...oddities).map((odd) => ({
      what: 'an odd resume',
      auth: jsonOf({ token: 'x', resume: { key: odd, seq: odd, revision: odd } }, names),
    }));
    const list = fc.sample(
      fc.oneof(
        { weight: 8, arbitrary: tokens },
        { weight: 1, arbitrary: handshakes },
        { weight: 1, arbitrary: resumes },
      ),
      { numRuns: count, seed },
    );
    await inParallel(list, atOnce, async ({ what, auth }) => {
      try {
        const client = await SocketClient.connect(url, auth, findings);
        client.close();
        findings.add(`a token opened a room that should not: ${what}: ${auth.slice(0, 500)}`);
      } catch (error) {
        // What is no object of JSON is no packet of socket.io: the server hangs up.
        if (!(error instanceof Refused)) {
          if (!/closed during/.test(String(error))) findings.add(`${what}: ${error}`);
        } else if (!refusals.has(error.code)) findings.add(`${what} was refused with ${error.code}: ${error.message}`);
      }
    });
  },
};
