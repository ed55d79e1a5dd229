import { Emitter } from './Emitter.ts';
import type { RoomEvents } from './RoomEvents.ts';

/** The room's events. After each batch of others it fires `changed` once. */
export class Hub extends Emitter<RoomEvents> {
  #scheduled = false;

  override emit<K extends keyof RoomEvents>(event: K, ...args: RoomEvents[K]): void {
    super.emit(event, ...args);
    if (event === 'changed' || this.#scheduled) return;
    this.#scheduled = true;
    // Not an animation frame: those stand still in a hidden tab.
    queueMicrotask(() => {
      this.#scheduled = false;
      super.emit('changed');
    });
  }
}
