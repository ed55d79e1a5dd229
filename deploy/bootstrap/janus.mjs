import { ensurePackages } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { isOnPath } from './processes.mjs';

/** Janus is what the benchmark compares with; where it cannot be had, that comparison alone is left out. */
export async function offerJanus() {
  if (isOnPath('janus')) return;
  try {
    await ensurePackages([{ name: 'janus', command: 'janus' }], {
      label: 'Installing Janus, to compare with',
      what: 'there is no Janus to compare with.',
    });
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    console.log(`Without a comparison with Janus: ${error.why}\n${error.mend}`);
  }
}
