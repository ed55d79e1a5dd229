import type { View } from '../protocol/index.ts';
import { PlenumError, shapes } from '../protocol/index.ts';

/** Between two messages, in milliseconds: a window that is being resized changes its view with each frame. */
const spacingMs = 100;

/** Sends one version of the view; `pinned` holds identities. */
export type SendView = (version: number, view: View, pinned: string[]) => Promise<unknown>;

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Keeps the newest wanted view and sends it, one message at a time; views that were overtaken are never sent. */
export class ViewSync {
  #view: View = 'auto';
  #pinned: string[] = [];
  #version = 0;
  #dirty = false;
  #send: SendView | undefined;
  #busy = false;
  #lastSent = Number.NEGATIVE_INFINITY;
  #waiters: Waiter[] = [];
  /** Why nothing is sent any more. */
  #closed: PlenumError | undefined;

  /** What is wanted now. */
  get view(): View {
    return this.#view;
  }

  /** Resolves when this view, or a newer one, has reached the server (at the next join where there is no connection). */
  set(view: View): Promise<void> {
    this.#view = view;
    return this.#changed();
  }

  /** The same for whose audio is always wanted: identities. */
  async pin(identities: readonly string[]): Promise<void> {
    const pinned = [...new Set(identities)];
    // Else the next join would be refused.
    if (!shapes.pinned.safeParse(pinned).success) {
      throw new PlenumError('bad-request', `At most ${shapes.mostPinned} people can be pinned, by their identities.`);
    }
    this.#pinned = pinned;
    await this.#changed();
  }

  /** What goes with a join besides the view. */
  get pinned(): string[] {
    return this.#pinned;
  }

  #changed(): Promise<void> {
    this.#version += 1;
    this.#dirty = true;
    const sent = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#pump();
    return sent;
  }

  /** The view that goes with a join; nothing needs to be sent for it. */
  beginJoin(view?: View): View {
    if (view !== undefined) this.#view = view;
    this.#dirty = false;
    return this.#view;
  }

  /** A visit has begun; what was set since `beginJoin` goes out now. */
  attach(send: SendView): void {
    this.#send = send;
    if (this.#dirty) this.#pump();
    else this.#settle();
  }

  detach(): void {
    this.#send = undefined;
  }

  /** Nothing will be sent any more. */
  close(error: PlenumError): void {
    this.#closed = error;
    this.#send = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #settle(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  /** Sent again, since the visit that has begun meanwhile may have been told before or after this was asked. */
  #postpone(waiters: readonly Waiter[]): void {
    this.#waiters.unshift(...waiters);
    this.#dirty = true;
  }

  #pump(): void {
    if (this.#busy || !this.#dirty || !this.#send) return;
    this.#busy = true;
    const wait = Math.max(0, this.#lastSent + spacingMs - performance.now());
    if (wait > 0) setTimeout(() => this.#flush(), wait);
    // A microtask later, so that changes made in one go become one message.
    else queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const send = this.#send;
    if (!send || !this.#dirty) {
      this.#busy = false;
      return;
    }
    this.#dirty = false;
    this.#lastSent = performance.now();
    const waiters = this.#waiters.splice(0);
    send(this.#version, this.#view, this.#pinned)
      .then(
        () => {
          for (const waiter of waiters) waiter.resolve();
        },
        (error: unknown) => {
          const overtaken = error instanceof PlenumError && error.code === 'conflict';
          // Where the connection is lost, the next join carries the view.
          const postponed = this.#send !== send;
          if (overtaken) for (const waiter of waiters) waiter.resolve();
          else if (this.#closed) for (const waiter of waiters) waiter.reject(this.#closed);
          else if (postponed) this.#postpone(waiters);
          else for (const waiter of waiters) waiter.reject(error);
        },
      )
      .finally(() => {
        this.#busy = false;
        this.#pump();
      });
  }
}
