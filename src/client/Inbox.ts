import type { Notice, PlenumError } from '../protocol/index.ts';
import { Arrived } from './Arrived.ts';
import type { ConnectionListener, NoticeHandlers } from './Connection.ts';
import { heldBack } from './heldBack.ts';

/** The visit to which notices come: what concerns itself, and not the room. */
export interface InboxOwner {
  /** The connection is gone. */
  broke(error: PlenumError): void;
  /** Somebody has let us in from the lobby. */
  admitted(): void;
  /** We are moved to another room. */
  moving(): void;
  welcomed(welcome: Notice<'welcome'>): void;
}

/** The notices of one visit, over one connection after another: each once, and none before the answer to `join`. */
export class Inbox implements ConnectionListener {
  readonly arrived = new Arrived();
  readonly handlers: NoticeHandlers;
  readonly onInvalid: (error: PlenumError) => void;
  /** Notices that overtook the answer to `join`; undefined when they are passed on at once. */
  #early: (() => void)[] | undefined = [];
  #owner: InboxOwner | undefined;

  constructor(handlers: NoticeHandlers, onInvalid: (error: PlenumError) => void) {
    this.onInvalid = onInvalid;
    const all: NoticeHandlers = {
      ...handlers,
      welcome: (welcome) => this.#owner?.welcomed(welcome),
      admitted: () => this.#owner?.admitted(),
      moved: (notice) => {
        this.#owner?.moving();
        handlers.moved(notice);
      },
    };
    this.handlers = heldBack(all, this.arrived, () => this.#early);
  }

  readonly onLost = (error: PlenumError): void => this.#owner?.broke(error);

  /** The visit is there from now on. */
  own(owner: InboxOwner): void {
    this.#owner = owner;
  }

  /** The answer to `join` has been applied: passes on the notices that came meanwhile, and later ones at once. */
  release(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const notice of early) notice();
  }
}
