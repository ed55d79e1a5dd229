import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as viteBuild } from 'vite';

let built: Promise<string> | undefined;

/** The benchmark's page, built as an application would build one with the SDK. Gives the folder to serve. */
export function buildPage(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'plenum-bench-'));
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await viteBuild({
    root: fileURLToPath(new URL('page', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
  });
  return outDir;
}
