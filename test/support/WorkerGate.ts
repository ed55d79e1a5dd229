import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerBin } from 'mediasoup';
import { onTestFinished, vi } from 'vitest';

/**
 * While it is shut, no media worker that a server of this process starts gets to run: what happens without one can be
 * looked at for as long as that takes.
 */
export class WorkerGate {
  readonly #bar: string;

  /** Opens by itself at the end of the test. */
  static shut(): WorkerGate {
    const folder = mkdtempSync(join(tmpdir(), 'plenum-gate-'));
    const gate = new WorkerGate(folder);
    onTestFinished(() => {
      gate.open();
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    return gate;
  }

  private constructor(folder: string) {
    this.#bar = join(folder, 'bar');
    const program = join(folder, 'worker');
    writeFileSync(this.#bar, '');
    const wait = `while [ -e '${this.#bar}' ]; do sleep 0.02; done`;
    writeFileSync(program, `#!/bin/sh\n${wait}\nexec '${workerBin}' "$@"\n`, { mode: 0o755 });
    vi.stubEnv('MEDIASOUP_WORKER_BIN', program);
  }

  open(): void {
    rmSync(this.#bar, { force: true });
  }
}
