import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Node tells here of each process that is started: mediasoup does not say which one is that of a worker it waits for. */
const channel = 'child_process';

/** @returns what the function gives, and the processes that it has started before it returned */
export function watchSpawns<T>(act: () => T): { result: T; processes: readonly ChildProcess[] } {
  const processes: ChildProcess[] = [];
  const note = (message: unknown) => {
    const child = typeof message === 'object' && message !== null ? Reflect.get(message, 'process') : undefined;
    if (child instanceof ChildProcess) processes.push(child);
  };
  subscribe(channel, note);
  try {
    return { result: act(), processes };
  } finally {
    unsubscribe(channel, note);
  }
}

/** @throws Error when it takes longer */
export async function within<T>(ms: number, doing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has said nothing for ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([doing, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
