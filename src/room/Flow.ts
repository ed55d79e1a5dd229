import type { MediaConsumer, PreferredLayers } from './ports.ts';

export interface FlowOptions {
  consumer: MediaConsumer;
  /** What the consumer was made with. */
  layers: PreferredLayers | undefined;
  open: boolean;
  /** A request to the consumer failed, which does not matter where it was closed meanwhile. */
  failed: (error: unknown) => void;
}

/** The worker's own. */
const defaultPriority = 1;

/**
 * The packets of one publication on their way to one participant. What is wanted is asked of the consumer in its order,
 * and only where it is another thing than before; what failed is asked again the next time.
 */
export class Flow {
  readonly consumer: MediaConsumer;
  readonly #failed: (error: unknown) => void;
  /** What the consumer was asked for last; undefined where that failed. */
  #open: boolean | undefined;
  #layers: PreferredLayers | undefined;
  #priority: number | undefined = defaultPriority;

  constructor({ consumer, layers, open, failed }: FlowOptions) {
    this.consumer = consumer;
    this.#failed = failed;
    this.#open = open;
    this.#layers = layers;
  }

  /** Resolves to whether packets flow from now on that did not before. */
  async setOpen(open: boolean): Promise<boolean> {
    if (open === this.#open) return false;
    this.#open = open;
    const done = await this.#ask(open ? this.consumer.resume() : this.consumer.pause(), () => {
      if (this.#open === open) this.#open = undefined;
    });
    return done && open && this.#open === true;
  }

  prefer(layers: PreferredLayers, priority: number): void {
    if (priority !== this.#priority) {
      this.#priority = priority;
      void this.#ask(this.consumer.setPriority(priority), () => {
        if (this.#priority === priority) this.#priority = undefined;
      });
    }
    if (sameLayers(layers, this.#layers)) return;
    this.#layers = layers;
    void this.#ask(this.consumer.setPreferredLayers(layers), () => {
      if (this.#layers === layers) this.#layers = undefined;
    });
  }

  async #ask(request: Promise<void>, onFailure: () => void): Promise<boolean> {
    try {
      await request;
      return true;
    } catch (error) {
      onFailure();
      this.#failed(error);
      return false;
    }
  }
}

function sameLayers(one: PreferredLayers, other: PreferredLayers | undefined): boolean {
  return one.spatialLayer === other?.spatialLayer && one.temporalLayer === other.temporalLayer;
}
