import { Emitter } from '../../src/events.ts';
import type { MediaLink, MediaPipe, MediaRouter } from '../../src/room/ports.ts';
import { FakeClosed, FakeObject } from './FakeObject.ts';
import type { FakeEngine, FakeRouter } from './fakeEngine.ts';
import type { FakeProducer } from './fakeStreams.ts';

export class FakeLink extends FakeObject<FakeEngine> implements MediaLink {
  readonly routers: readonly [FakeRouter, FakeRouter];
  readonly #events = new Emitter<{ closed: [] }>();

  constructor(engine: FakeEngine, one: FakeRouter, other: FakeRouter) {
    super(engine, 'link', [one, other]);
    this.routers = [one, other];
  }

  on(event: 'closed', listener: () => void): () => void {
    return this.#events.on(event, listener);
  }

  async pipe(producerId: string, from: MediaRouter): Promise<FakePipe> {
    const producer = this.engine.producers.find((each) => each.producerId === producerId && each.router === from);
    const to = this.routers.find((router) => router !== from);
    if (!producer || !to) throw new FakeClosed(`there is no ${producerId} to pipe`);
    await this.make(`pipe ${producerId}`);
    // Of a link that went meanwhile nothing is left there.
    if (this.isOpen && to.find(producerId)) this.engine.problems.push(`${producerId} was piped twice to ${to.id}`);
    return new FakePipe(this.engine, this, producer, to);
  }

  protected override ended(byOwner: boolean): void {
    if (!byOwner) this.#events.emit('closed');
  }
}

export class FakePipe extends FakeObject<FakeEngine> implements MediaPipe {
  readonly producer: FakeProducer;
  readonly to: FakeRouter;
  readonly #events = new Emitter<{ closed: [] }>();

  constructor(engine: FakeEngine, link: FakeLink, producer: FakeProducer, to: FakeRouter) {
    super(engine, 'pipe', [link, producer]);
    this.producer = producer;
    this.to = to;
  }

  get producerId(): string {
    return this.producer.producerId;
  }

  on(event: 'closed', listener: () => void): () => void {
    return this.#events.on(event, listener);
  }

  protected override ended(byOwner: boolean): void {
    if (!byOwner) this.#events.emit('closed');
  }
}
