import { FileTransfers, type FileWire } from '../../src/client/FileTransfers.ts';
import type { IncomingFile } from '../../src/client/IncomingFile.ts';
import { type ClientMessageHeader, DeliveryError, type FilePart } from '../../src/protocol/index.ts';

/** One person's files, on a bus that is the test's own. */
export class FileParty {
  readonly name: string;
  readonly offers: IncomingFile[] = [];
  readonly files: FileTransfers;
  /** What was sent, by its type. */
  readonly sent: FilePart[] = [];
  gone = false;
  /** Bytes of pieces that are on their way from here, and the most that ever were. */
  underWay = 0;
  mostUnderWay = 0;
  /** Changes what is sent, for those who cheat or whose memory is bad. */
  tamper: (part: FilePart, payload: Uint8Array) => { part: FilePart; payload: Uint8Array } | undefined;
  readonly #world: FileWorld;

  constructor(name: string, world: FileWorld) {
    this.name = name;
    this.#world = world;
    this.tamper = (part, payload) => ({ part, payload });
    const wire: FileWire = {
      send: (header, payload) => this.#send(header, payload),
      ready: () => this.#ready(),
      offered: (file) => void this.offers.push(file),
      participant: () => undefined,
    };
    this.files = new FileTransfers(wire);
  }

  async #ready(): Promise<void> {
    while (this.underWay > 256 * 1024) await new Promise(setImmediate);
  }

  async #send({ to = [], file }: ClientMessageHeader, payload: Uint8Array): Promise<void> {
    if (!file) throw new Error('only files here');
    const changed = this.tamper(file, payload);
    if (!changed) return;
    this.sent.push(changed.part);
    this.underWay += payload.byteLength;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      await this.#world.pass(this, to, changed.part, changed.payload.slice());
    } finally {
      this.underWay -= payload.byteLength;
    }
  }
}

/** People who send each other files; each message takes a turn of the event loop. */
export class FileWorld {
  readonly #parties = new Map<string, FileParty>();

  join(name: string): FileParty {
    const party = new FileParty(name, this);
    this.#parties.set(name, party);
    return party;
  }

  leave(party: FileParty): void {
    party.gone = true;
    this.#parties.delete(party.name);
    for (const other of this.#parties.values())
      other.files.left({ participantId: party.name, identity: `${party.name}-person` });
  }

  /** As the server does it with files: to those who are there. */
  async pass(from: FileParty, to: readonly string[], part: FilePart, payload: Uint8Array): Promise<void> {
    await new Promise(setImmediate);
    const there = to.flatMap((name) => this.#parties.get(name) ?? []);
    if (!from.gone) {
      for (const party of there) party.files.receive({ participantId: from.name, identity: from.name }, part, payload);
    }
    const missing = to.filter((name) => !this.#parties.has(name));
    if (there.length === 0) throw new DeliveryError('not-found', 'nobody there', missing, missing);
    if (missing.length > 0) throw new DeliveryError('not-delivered', 'some are gone', missing, missing);
  }
}
