import { expect } from 'vitest';
import type { Notice } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from './fakeMedia.ts';
import { newRequestId } from './RawClient.ts';
import type { Joined, Stage } from './stage.ts';
import { waitFor } from './waitFor.ts';
import { workersAgree } from './workerBooks.ts';

export type Step =
  | { do: 'join'; who: number; view: 'auto' | number[] }
  | { do: 'leave' | 'drop'; who: number }
  | { do: 'publish'; who: number; kind: 'audio' | 'video'; muted: boolean }
  | { do: 'unpublish'; who: number; which: number }
  | { do: 'mute'; who: number; which: number; muted: boolean }
  | { do: 'view'; who: number; view: 'auto' | number[] }
  | { do: 'wait' | 'rest' };

interface Publication {
  id: string;
  kind: 'audio' | 'video';
  muted: boolean;
}

interface Guest {
  client: Joined;
  /** Publication ids. */
  view: 'auto' | string[];
  viewVersion: number;
  publications: Map<string, Publication>;
}

/** A room on a real server with several workers, and what should be true of it by what its people have done. */
export class SpreadWorld {
  readonly #stage: Stage;
  readonly #room: string;
  readonly #guests = new Map<number, Guest>();
  /** Of all that was ever published. */
  readonly #ids: string[] = [];
  /** Requests that have not been answered. */
  readonly #pending = new Set<Promise<void>>();

  constructor(stage: Stage, room: string) {
    this.#stage = stage;
    this.#room = room;
  }

  /** Does not wait for the answer where the protocol lets a client go on without. */
  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'wait':
        return this.#answered();
      case 'rest':
        return this.checkAtRest();
      case 'join':
        return this.#join(step);
      default:
        return this.#runFor(this.#guests.get(step.who), step);
    }
  }

  async checkAtRest(): Promise<void> {
    await this.#answered();
    for (const [who, guest] of this.#guests) {
      const wanted = this.#wantedBy(guest);
      const held = () => receiving(guest.client).toSorted().join();
      try {
        await waitFor('subscriptions', () => held() === wanted.join());
      } catch {
        expect(held(), `what ${who} receives`).toBe(wanted.join());
      }
    }
    await workersAgree(this.#stage);
    await this.#checkMuted();
  }

  async close(): Promise<void> {
    await this.#answered();
    for (const { client } of this.#guests.values()) client.close();
    this.#guests.clear();
    await waitFor('an empty room', () => this.#stage.server.app.registry.participants === 0);
  }

  async #join({ who, view }: Extract<Step, { do: 'join' }>): Promise<void> {
    if (this.#guests.has(who)) return;
    const named = this.#view(view);
    const client = await this.#stage.joined(this.#room, `guest-${who}`, { view: viewOf(named) });
    this.#guests.set(who, { client, view: named, viewVersion: 0, publications: new Map() });
  }

  #runFor(guest: Guest | undefined, step: Exclude<Step, { do: 'wait' | 'rest' | 'join' }>): Promise<void> | undefined {
    if (!guest) return undefined;
    switch (step.do) {
      case 'leave':
        this.#guests.delete(step.who);
        return this.#request(guest.client.request('leave', {}));
      case 'drop':
        this.#guests.delete(step.who);
        guest.client.close();
        return undefined;
      case 'publish':
        return this.#request(this.#publish(guest, step));
      case 'unpublish': {
        const publication = pick([...guest.publications.values()], step.which);
        if (!publication) return undefined;
        guest.publications.delete(publication.id);
        return this.#request(
          guest.client.request('unpublish', { requestId: newRequestId(), publicationId: publication.id }),
        );
      }
      case 'mute': {
        const publication = pick([...guest.publications.values()], step.which);
        if (!publication) return undefined;
        publication.muted = step.muted;
        const params = { requestId: newRequestId(), publicationId: publication.id, muted: step.muted };
        return this.#request(guest.client.request('updatePublication', params));
      }
      case 'view':
        guest.view = this.#view(step.view);
        guest.viewVersion += 1;
        return this.#request(guest.client.request('setView', { version: guest.viewVersion, view: viewOf(guest.view) }));
    }
  }

  async #publish(guest: Guest, { kind, muted }: Extract<Step, { do: 'publish' }>): Promise<void> {
    // As many as a participant may have.
    if (guest.publications.size >= 4) return;
    const params = kind === 'audio' ? fakeMicrophone(newRequestId()) : fakeCamera(newRequestId());
    const { publicationId } = await guest.client.request('publish', { ...params, muted });
    this.#ids.push(publicationId);
    guest.publications.set(publicationId, { id: publicationId, kind, muted });
  }

  /** Whoever leaves may take the answers to their requests along. */
  #request(answer: Promise<unknown>): undefined {
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    const tracked = settled.then(() => void this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return undefined;
  }

  async #answered(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #view(picked: 'auto' | number[]): 'auto' | string[] {
    return picked === 'auto' ? 'auto' : [...new Set(picked.flatMap((index) => pick(this.#ids, index) ?? []))];
  }

  #wantedBy(guest: Guest): string[] {
    const others = [...this.#guests.values()].filter((each) => each !== guest);
    const offered = others.flatMap(({ publications }) => [...publications.values()]);
    const { view } = guest;
    const wanted = offered.filter(({ id, kind }) => kind === 'audio' || view === 'auto' || view.includes(id));
    return wanted.map(({ id }) => id).toSorted();
  }

  /** What is muted is paused at each subscriber, on whichever worker. */
  async #checkMuted(): Promise<void> {
    const all = [...this.#guests.values()].flatMap(({ publications }) => [...publications.values()]);
    for (const { id, muted } of all) {
      const consumers = this.#stage.consumers.filter(({ producerId }) => producerId === id);
      const agree = () => consumers.every(({ producerPaused }) => producerPaused === muted);
      await waitFor(`${id} to be ${muted ? '' : 'un'}muted everywhere`, agree);
    }
  }
}

/** What the notices so far add up to: the publications that somebody receives. */
function receiving({ answer, notices }: Joined): string[] {
  const held = new Map(answer.subscriptions.map((each) => [each.subscriptionId, each.publicationId]));
  for (const { name, payload } of notices) {
    if (name === 'subscriptionsAdded') {
      const { subscriptions } = payload as Notice<'subscriptionsAdded'>;
      for (const each of subscriptions) held.set(each.subscriptionId, each.publicationId);
    }
    if (name === 'subscriptionsRemoved') {
      for (const each of (payload as Notice<'subscriptionsRemoved'>).subscriptionIds) held.delete(each);
    }
  }
  return [...held.values()];
}

function viewOf(view: 'auto' | string[]) {
  if (view === 'auto') return view;
  return { videos: view.map((publicationId) => ({ publicationId, width: 320, height: 180, priority: 1 })) };
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)];
}
