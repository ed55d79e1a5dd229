import type { SimulatedFault } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';
import type { MediaEngine } from './ports.ts';
import type { Recovery } from './Recovery.ts';

/** What a developer breaks on purpose, to see how it comes back: nothing here is feigned. */
export class Faults {
  readonly #engine: MediaEngine;
  readonly #recovery: Recovery;

  constructor(engine: MediaEngine, recovery: Recovery) {
    this.#engine = engine;
    this.#recovery = recovery;
  }

  /** @throws PlenumError `closed` where the worker has just ended */
  make(participant: Participant, fault: Exclude<SimulatedFault, 'socket-cut'>): void {
    switch (fault) {
      case 'worker-killed':
        this.#engine.breakWorker(participant.workerId, 'kill');
        break;
      case 'worker-hung':
        this.#engine.breakWorker(participant.workerId, 'stop');
        break;
      case 'udp-blocked':
        this.#recovery.blockUdp(participant);
        break;
    }
  }
}
