import type { Config } from '../../../src/config.ts';
import { wideLimits } from '../../support/wideLimits.ts';

/**
 * What the server that is attacked is started with. What refuses an attacker early is raised here: behind a refusal
 * nothing is tried. Everything else is as it is by default.
 */
export const serverOptions: Partial<Config> = { ...wideLimits, maxPending: 128 };
