import { PlenumError } from '../protocol/index.ts';
import { toPlenumError } from './errors.ts';

/** A token, or a function that gets one; it is asked at every new connection. */
export type TokenSource = string | (() => string | Promise<string>);

/** Asks the application for a token; one that never comes, or fails, counts as a server out of reach. */
export async function askToken(source: TokenSource, timeoutMs: number, signal: AbortSignal): Promise<string> {
  if (typeof source === 'string') return source;
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new PlenumError('timeout', 'The application did not give a token in time.'));
  const timer = setTimeout(late, timeoutMs);
  const aborted = () => reject(signal.reason);
  signal.addEventListener('abort', aborted);
  try {
    return await Promise.race([source(), promise]);
  } catch (error) {
    throw toPlenumError(error, 'disconnected');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}
