import { choosePlace } from '../../src/media/placement.ts';
import { PlenumError } from '../../src/protocol/index.ts';
import type { Place, PlaceWanted } from '../../src/room/ports.ts';

export interface FakePlacesOptions {
  /** How many workers there are. Default: one. */
  workers?: number;
  /** From how many participants on a worker is loaded. Default: never. */
  loadedFrom?: number;
  /** How many participants a worker takes. Default: any number. */
  maxParticipants?: number;
}

/** Workers that have nothing to them but the number of their participants. */
export class FakePlaces {
  /** By worker id. */
  readonly taken = new Map<string, Set<Place>>();
  readonly #options: FakePlacesOptions;

  constructor(options: FakePlacesOptions) {
    this.#options = options;
    for (let index = 0; index < (options.workers ?? 1); index += 1) this.taken.set(`worker-${index}`, new Set());
  }

  place(wanted: PlaceWanted): Place {
    const { loadedFrom = Number.MAX_SAFE_INTEGER, maxParticipants = Number.MAX_SAFE_INTEGER } = this.#options;
    const loads = [...this.taken].map(([workerId, { size }]) => ({
      workerId,
      participants: size,
      newcomers: 0,
      consumers: 0,
      cpu: size / loadedFrom,
      stalled: false,
    }));
    const limits = { maxConsumers: Number.MAX_SAFE_INTEGER, maxCpu: 1, maxParticipants };
    const workerId = choosePlace(loads, wanted, limits);
    const taken = this.taken.get(workerId ?? '');
    if (!workerId || !taken) throw new PlenumError('server-full', 'all workers are full');
    const place = { workerId, release: () => void taken.delete(place) };
    taken.add(place);
    return place;
  }
}
