import type { Config } from './config.ts';
import { isLoopback } from './loopback.ts';

/**
 * Who gets a token for the asking. `open`: everybody, on purpose. `local`: whoever sits at this machine (with `--lan`, in this
 * network), since nothing closes the door and nobody else is to be expected. `closed`: nobody.
 */
export type Door = 'open' | 'local' | 'closed';

export type DoorOptions = Pick<Config, 'open' | 'host' | 'lan' | 'trustProxy' | 'tokenSecret' | 'tokenKeys'>;

/** As it is asked for, or else only where no application lets people in, and nobody else can come. */
export function doorOf({ open, host, lan, trustProxy, tokenSecret, tokenKeys }: DoorOptions): Door {
  if (open !== undefined) return open ? 'open' : 'closed';
  // Such a server is meant for others than who sits here, and something on this machine may bring them.
  if (tokenSecret !== undefined || tokenKeys !== undefined || trustProxy.length > 0) return 'closed';
  return lan || isLoopback(host) ? 'local' : 'closed';
}

/** For the log, which says it at each start; undefined where it is closed. */
export function saidOf(door: Door, lan: boolean): string | undefined {
  if (door === 'closed') return undefined;
  const who = door === 'open' ? 'everybody' : lan ? 'everybody on this network' : 'whoever uses this machine';
  const why = door === 'open' ? 'as --open asks' : 'since there is neither --token-keys nor PLENUM_TOKEN_SECRET';
  return `the door is open: ${who} can join any room, ${why}`;
}
