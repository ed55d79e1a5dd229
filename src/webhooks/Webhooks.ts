import { nanoid } from 'nanoid';
import type { Logger } from '../log.ts';
import type { WebhookData, WebhookEvent, WebhookType } from '../protocol/webhooks.ts';
import type { Clock } from '../room/ports.ts';
import { AddressPolicy } from './addresses.ts';
import { HttpSender, type Resolve } from './HttpSender.ts';
import { type QueueFigures, type QueueLimits, TargetQueue } from './TargetQueue.ts';

/** For each target; an event has about 400 bytes. */
const usualLimits: QueueLimits = { events: 10_000, bytes: 8 * 1024 * 1024 };
/** How long what is left may take when the server stops. Milliseconds. */
const flushMs = 5000;

export interface WebhooksOptions {
  urls: readonly URL[];
  /** `whsec_...`; each request is signed with all of them. */
  secrets: readonly string[];
  /** Networks and hosts that may be targets although they are private. */
  allowPrivate: readonly string[];
  serverVersion: string;
  clock: Clock;
  log: Logger;
  limits?: QueueLimits;
  resolve?: Resolve;
}

/** Says to other servers what happens here. Whoever tells it something does not wait for any of them. */
export class Webhooks {
  readonly #clock: Clock;
  readonly #queues: readonly TargetQueue[];

  constructor({
    urls,
    secrets,
    allowPrivate,
    serverVersion,
    clock,
    log,
    limits = usualLimits,
    resolve,
  }: WebhooksOptions) {
    this.#clock = clock;
    const policy = new AddressPolicy(allowPrivate);
    const userAgent = `Plenum/${serverVersion}`;
    this.#queues = urls.map((url) => {
      const sender = new HttpSender({ url, secrets, policy, userAgent, clock, ...(resolve && { resolve }) });
      return new TargetQueue({
        target: url.origin,
        send: (delivery, signal) => sender.send(delivery, signal),
        limits,
        clock,
        random: Math.random,
        log,
      });
    });
  }

  /** Of all targets together. */
  get figures(): QueueFigures {
    const total: QueueFigures = { pending: 0, pendingBytes: 0, delivered: 0, failures: 0, lost: 0 };
    for (const { figures } of this.#queues) {
      total.pending += figures.pending;
      total.pendingBytes += figures.pendingBytes;
      total.delivered += figures.delivered;
      total.failures += figures.failures;
      total.lost += figures.lost;
    }
    return total;
  }

  /** @param lane events of the same lane arrive in the order in which they were told */
  tell<T extends WebhookType>(type: T, lane: string, data: WebhookData<T>): void {
    if (this.#queues.length === 0) return;
    const id = nanoid();
    const timestamp = new Date(this.#clock.date()).toISOString();
    const event: Omit<WebhookEvent, 'type' | 'data'> & { type: T; data: WebhookData<T> } = {
      id,
      type,
      timestamp,
      data,
    };
    const body = JSON.stringify(event);
    for (const queue of this.#queues) queue.add({ id, lane, body });
  }

  /** Gives what is left a few seconds; the rest is lost, which the log says. */
  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close(flushMs)));
  }
}
