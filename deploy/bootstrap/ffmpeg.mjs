import { existsSync, readdirSync } from 'node:fs';
import { ensurePackages } from './debian.mjs';
import { cacheDir } from './places.mjs';
import { isOnPath } from './processes.mjs';

/** ffmpeg makes the recordings that the load test plays (test/load/recordings); once made, they are kept. */
export async function ensureFfmpeg() {
  if (isOnPath('ffmpeg') || hasRecordings()) return;
  await ensurePackages([{ name: 'ffmpeg', command: 'ffmpeg' }], {
    label: 'Installing what makes recordings for the load test',
    what: 'the load test has no pictures and no sound to send.',
  });
}

function hasRecordings() {
  return existsSync(cacheDir) && readdirSync(cacheDir).some((name) => name.startsWith('recordings-'));
}
