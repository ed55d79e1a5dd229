import type { FileTransfer, IncomingFile, Room } from '../../../src/client/index.ts';
import { saveBlob } from './saveBlob.ts';

interface EntryBase {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The last chat message before it. */
  readonly afterChat: string | undefined;
}

export interface SentFile extends EntryBase {
  readonly kind: 'sent';
  readonly transfer: FileTransfer;
}

export interface OfferedFile extends EntryBase {
  readonly kind: 'offered';
  readonly from: string;
  readonly file: IncomingFile;
  /** What came, when it is complete. */
  readonly content: Blob | undefined;
  /** The code of the error, where it did not come. */
  readonly failure: string | undefined;
}

export type FileEntry = SentFile | OfferedFile;

/** A transfer moves with each piece; the page need not. Milliseconds. */
const drawnEveryMs = 100;

/** The files of one meeting: offered by others, sent by oneself. */
export class FileShelf {
  readonly #room: Room;
  readonly #codeOf: (error: unknown) => string;
  readonly #listeners = new Set<() => void>();
  #entries: readonly FileEntry[] = [];
  #timer: number | undefined;

  constructor(room: Room, codeOf: (error: unknown) => string) {
    this.#room = room;
    this.#codeOf = codeOf;
  }

  /** Oldest first; another array after each change. */
  get entries(): readonly FileEntry[] {
    return this.#entries;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins to listen for offers. Returns a function that ends it. */
  open(onOffer: (entry: OfferedFile) => void): () => void {
    const stop = this.#room.on('fileOffered', (file) => onOffer(this.#offered(file)));
    return () => {
      stop();
      window.clearTimeout(this.#timer);
    };
  }

  /** Offers a file to everybody. @throws PlenumError where it cannot be offered */
  send(file: File): void {
    const transfer = this.#room.sendFile(file);
    this.#add({ kind: 'sent', id: transfer.fileId, ...this.#now(), transfer });
    this.#follow(transfer);
  }

  accept(entry: OfferedFile): void {
    const { id, file } = entry;
    file.accept().then(
      (content) => {
        if (content) saveBlob(content, file.name);
        this.#change(id, { content });
      },
      (error: unknown) => this.#change(id, { failure: this.#codeOf(error) }),
    );
  }

  #offered(file: IncomingFile): OfferedFile {
    const from = file.participant?.displayName ?? file.identity;
    const entry: OfferedFile = {
      kind: 'offered',
      id: `${file.participantId}/${file.fileId}`,
      ...this.#now(),
      from,
      file,
      content: undefined,
      failure: undefined,
    };
    this.#add(entry);
    this.#follow(file);
    // Withdrawn before it was answered.
    file.done.catch((error: unknown) => this.#change(entry.id, { failure: this.#codeOf(error) }));
    return entry;
  }

  #now() {
    return { at: Date.now(), afterChat: this.#room.chat.at(-1)?.chatId };
  }

  #follow(transfer: FileTransfer | IncomingFile): void {
    transfer.on('progress', () => this.#drawSoon());
    transfer.on('stateChanged', () => this.#draw());
  }

  #add(entry: FileEntry): void {
    this.#entries = [...this.#entries, entry];
    this.#draw();
  }

  #change(id: string, change: Partial<Pick<OfferedFile, 'content' | 'failure'>>): void {
    this.#entries = this.#entries.map((entry) =>
      entry.kind === 'offered' && entry.id === id ? { ...entry, ...change } : entry,
    );
    this.#draw();
  }

  #drawSoon(): void {
    this.#timer ??= window.setTimeout(() => this.#draw(), drawnEveryMs);
  }

  #draw(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    // A transfer keeps its figures in itself: a new array says that something is to be read again.
    this.#entries = [...this.#entries];
    for (const listener of this.#listeners) listener();
  }
}
