import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What the figures depend on. The load is of the minute before: what else ran makes every figure worse. */
export function describeMachine(): Record<string, string | number> {
  return {
    cores: availableParallelism(),
    CPU: cpus()[0]?.model ?? 'unknown',
    'memory in GiB': Math.round(totalmem() / 2 ** 30),
    'load before the run': (loadavg()[0] ?? 0).toFixed(1),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  };
}

/** The commit that was measured; with a plus where files have been changed since. */
export function currentCommit(cwd: string): string {
  try {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, encoding: 'utf8' }).trim();
    const measured = ['src', 'client-demo', 'test/bench', 'test/chaos'];
    const changes = execFileSync('git', ['status', '--porcelain', ...measured], { cwd, encoding: 'utf8' });
    return changes.split('\n').some((line) => line && !line.endsWith('RESULTS.md')) ? `${commit}+` : commit;
  } catch {
    return 'unknown';
  }
}
