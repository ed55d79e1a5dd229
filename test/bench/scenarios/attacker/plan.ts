import { z } from 'zod';
import type { Config } from '../../../../src/config.ts';
import { wideLimits } from '../../../support/wideLimits.ts';

/** What an attacker sends, all of it at the same time. */
export const kinds = ['connects', 'joins', 'requests', 'chat', 'data', 'http', 'datagrams'] as const;
export type Kind = (typeof kinds)[number];

/** What is allowed, a second; `requests` by weight. */
export type Allowed = Record<Kind, number>;

type LimitsOf = Pick<
  Config,
  'limitConnects' | 'limitJoins' | 'limitRequests' | 'limitChat' | 'limitHttp' | 'dataMessages'
>;

/** From one address. What is no packet of a transport has no limit. */
export function allowed(limits: LimitsOf): Allowed {
  return {
    connects: limits.limitConnects.address.perSecond,
    joins: limits.limitJoins.address.perSecond,
    requests: limits.limitRequests.address.perSecond,
    chat: limits.limitChat.address.perSecond,
    // What one sender may; that of an address is far above.
    data: limits.dataMessages,
    http: limits.limitHttp.address.perSecond,
    // What a participant with camera and microphone sends, three times.
    datagrams: 1000,
  };
}

/** So many times what is allowed. */
export const times = 10;

/**
 * What one process can send at ten times the limits for sure, one after the other: all of it together is more than a core
 * yields on a machine that has the server and the call to run as well.
 */
export const groups: readonly (readonly Kind[])[] = [
  ['connects'],
  ['http'],
  ['joins', 'requests', 'chat'],
  ['data', 'datagrams'],
];

export interface AttackerPlan {
  /** Of the calls that are measured without the attacker and with all that it sends. */
  seconds: number;
  /** Of those with one group of it. */
  groupSeconds: number;
  /** New honest people who join the victims' room, a second. */
  newcomers: number;
  /** Those of the attacker with good tokens; two sockets each. */
  intruders: number;
}

export const tenTimes: AttackerPlan = { seconds: 25, groupSeconds: 15, newcomers: 4, intruders: 20 };

/** Nothing is refused for coming too often: this must do harm, or the benchmark measures nothing. */
export const lifted: Partial<Config> = { ...wideLimits, joinsAtOnce: 100_000 };

/** What the process of the attacker is told; see attackerProcess.ts. */
export interface AttackOrder {
  host: string;
  port: number;
  /** An address of this machine to come from; not for data and datagrams. */
  localAddress?: string;
  rtcPorts: readonly number[];
  seconds: number;
  rates: Record<Kind, number>;
  /** Good ones, one for each intruder. */
  tokens: readonly string[];
  /** Where data is sent. */
  room: string;
}

const ofEach = <T extends z.ZodType>(shape: T) => z.record(z.enum(kinds), shape);

/** What the process of the attacker prints. */
export const attackReport = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  sent: ofEach(z.number()),
  /** What came of it: how often each. */
  answers: ofEach(z.record(z.string(), z.number())),
});
export type AttackReport = z.output<typeof attackReport>;

/** What the process of the newcomers is told; see newcomersProcess.ts. */
export interface NewcomersOrder {
  url: string;
  room: string;
  tokenSecret: string;
  perSecond: number;
  seconds: number;
}

/** What the process of the newcomers prints. */
export const newcomersReport = z.array(
  z.object({
    joinMs: z.number().describe('from the first attempt to the answer to the join'),
    firstPacketMs: z.number().nullable().describe('from the first attempt to the first packet of sound or picture'),
    attempts: z.number(),
    failure: z.string().nullable().describe('why it never came in'),
  }),
);
export type Newcomer = z.output<typeof newcomersReport>[number];
