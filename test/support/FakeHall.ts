import type { Notice, NoticeName } from '../../src/protocol/index.ts';
import type { Announcer, ParticipantLink, PersonalNotice, SharedNotice } from '../../src/room/ports.ts';
import { type Limit, unlimited } from '../../src/room/TokenBucket.ts';

export interface Received {
  name: NoticeName;
  payload: unknown;
}

/** The way to one client, which keeps everything that it is told. */
export class FakeLink implements ParticipantLink {
  readonly received: Received[] = [];
  readonly channels = new Set<string>();
  /** Hears each notice in the moment in which it is sent. */
  onNotice: ((received: Received) => void) | undefined;
  closes = 0;
  dataLimit: Limit = unlimited;
  readonly address = undefined;
  #seq = 0;

  get closed(): boolean {
    return this.closes > 0;
  }

  notify<N extends PersonalNotice>(name: N, payload: Omit<Notice<N>, 'seq'>): void {
    this.#seq += 1;
    this.deliver(name, { ...payload, seq: this.#seq });
  }

  tell<N extends SharedNotice>(name: N, payload: Notice<N>): void {
    this.deliver(name, payload);
  }

  enterChannel(channel: string): void {
    this.channels.add(channel);
  }

  close(): void {
    this.closes += 1;
  }

  /** Copies, as the wire does: what is changed later on the server was not sent. */
  deliver(name: NoticeName, payload: object): void {
    if (this.closed) return;
    const received = { name, payload: structuredClone(payload) };
    this.received.push(received);
    this.onNotice?.(received);
  }

  /** The payloads of all notices of that name, oldest first. */
  all<N extends NoticeName>(name: N): Notice<N>[] {
    return this.received.filter((each) => each.name === name).map(({ payload }) => payload as Notice<N>);
  }
}

/** Announces to the links that it gave out. */
export class FakeHall implements Announcer {
  readonly announced: Received[] = [];
  readonly #links: FakeLink[] = [];

  link(): FakeLink {
    const link = new FakeLink();
    this.#links.push(link);
    return link;
  }

  announce<N extends SharedNotice>(channel: string, name: N, payload: Notice<N>): void {
    this.announced.push({ name, payload: structuredClone(payload) });
    for (const link of this.#links) if (link.channels.has(channel)) link.deliver(name, payload);
  }
}
