/** Thrown by an operation that the test made fail. */
export class FakeFailure extends Error {}
/** Thrown by an operation on something that is not there any more. */
export class FakeClosed extends Error {}

export type FakeKind = 'router' | 'link' | 'pipe' | 'transport' | 'producer' | 'consumer';

/** What a fake engine keeps of its objects. */
export interface Books {
  readonly open: Set<FakeObject>;
  readonly problems: string[];
  /** Every asynchronous operation waits for this; a rejection fails it. */
  operation(what: string): Promise<void>;
  nextId(kind: FakeKind): string;
}

/** One of mediasoup's objects, as far as it lives: closed by its owner, or gone with what it lives on. */
export abstract class FakeObject<E extends Books = Books> {
  readonly id: string;
  protected readonly engine: E;
  readonly #dependents = new Set<FakeObject>();
  #closedByOwner = false;
  #before: Promise<unknown> = Promise.resolve();

  constructor(engine: E, kind: FakeKind, livesOn: FakeObject[]) {
    this.engine = engine;
    this.id = engine.nextId(kind);
    // A worker may have made it just before it closed what this lives on: then it is dead on arrival.
    if (livesOn.some((object) => !object.isOpen)) return;
    engine.open.add(this);
    for (const object of livesOn) object.#dependents.add(this);
  }

  get isOpen(): boolean {
    return this.engine.open.has(this);
  }

  close(): void {
    if (this.#closedByOwner) this.engine.problems.push(`${this.id} was closed twice`);
    this.#closedByOwner = true;
    this.end();
  }

  end(): void {
    if (!this.engine.open.delete(this)) return;
    for (const dependent of this.#dependents) dependent.end();
    this.ended(this.#closedByOwner);
  }

  /** It is gone: closed by its owner, or with what it lived on. */
  protected ended(_byOwner: boolean): void {
    // Most have nobody to tell.
  }

  /** Changes the object when the "worker" has done it; what is asked of one object is done in its order. */
  protected async operate(what: string, done: () => void = () => undefined): Promise<void> {
    this.#check(what);
    const after = this.#before.then(() => this.engine.operation(`${what} on ${this.id}`));
    this.#before = after.catch(() => undefined);
    await after;
    if (!this.isOpen) throw new FakeClosed(`${this.id} was closed meanwhile`);
    done();
  }

  /** For what makes something: it may come to be although its place has gone meanwhile. */
  protected async make(what: string): Promise<void> {
    this.#check(what);
    await this.engine.operation(`${what} on ${this.id}`);
    if (!this.isOpen && this.id.length % 2 === 0) throw new FakeClosed(`${this.id} was closed meanwhile`);
  }

  #check(what: string): void {
    if (this.#closedByOwner) this.engine.problems.push(`${what} was asked of ${this.id} after it had been closed`);
    if (!this.isOpen) throw new FakeClosed(`${this.id} is closed`);
  }
}

/** An operation that fails where `fails` says so, after it has waited like any other. */
export function failing(operation: (what: string) => Promise<void>, fails: () => boolean) {
  return async (what: string) => {
    const failure = fails();
    await operation(what);
    if (failure) throw new FakeFailure(`${what} failed`);
  };
}
