import type { Browser, Page } from 'playwright-core';
import type {
  DataOptions,
  FileRecipientState,
  FileTransfer,
  FileTransferState,
  IncomingFile,
  IncomingFileState,
  Room,
} from '../../src/client/index.ts';
import { SdkPerson, type SdkPersonOptions } from './SdkPerson.ts';
import type { TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

export interface HeardData {
  participantId: string;
  identity: string;
  /** Whether the SDK knew the sender by then. */
  known: boolean;
  /** Of short messages. */
  text: string;
  bytes: number;
  topic: string;
  reliable: boolean;
}

/** How something ended in the page: well, or with an error of the SDK. */
export interface Ended {
  code: string;
  recipients: readonly string[];
}

export interface TransferReport {
  state: FileTransferState;
  sent: number;
  size: number;
  progress: number[];
  recipients: { state: FileRecipientState; received: number; code: string }[];
}

export interface ArrivalReport {
  state: IncomingFileState;
  name: string;
  type: string;
  identity: string;
  size: number;
  received: number;
  progress: number[];
  /** Of the file, where it came as a Blob. */
  sha256: string;
  code: string;
}

interface DataLab {
  readonly room: Room;
  readonly heard: HeardData[];
  readonly offers: IncomingFile[];
  readonly transfers: FileTransfer[];
  /** What progress events told, of each file. */
  readonly progress: Map<object, number[]>;
  ended(work: () => unknown): Promise<Ended>;
  sha256(content: Blob): Promise<string>;
  /** Bytes that look random, and differ from seed to seed. */
  noise(bytes: number, seed: number): Uint8Array<ArrayBuffer>;
  track(file: FileTransfer | IncomingFile, figure: () => number): void;
  /** The browser's own channels, for what the SDK would never send; sends an empty message on each to find them. */
  channels(): Promise<RTCDataChannel[]>;
  /** A frame with this header, as src/protocol/frames.ts describes it, under the message id 9. */
  frame(header: string): Uint8Array<ArrayBuffer>;
}

declare global {
  interface Window {
    lab: DataLab;
  }
}

/** Somebody in a browser who sends and gets data and files, by the SDK. */
export class DataPerson {
  readonly identity: string;
  readonly page: Page;

  static async join(browser: Browser, server: TestServer, options: SdkPersonOptions): Promise<DataPerson> {
    const { page } = await SdkPerson.join(browser, server, { blind: true, ...options });
    await page.evaluate(() => Reflect.set(window, 'plenum', window.sdk.room));
    return DataPerson.on(page, options.identity);
  }

  /** On a page of the demo client. */
  static async on(page: Page, identity: string): Promise<DataPerson> {
    await page.evaluate(install);
    return new DataPerson(page, identity);
  }

  private constructor(page: Page, identity: string) {
    this.page = page;
    this.identity = identity;
  }

  participantId(): Promise<string> {
    return this.page.evaluate(() => window.lab.room.local?.participantId ?? '');
  }

  /** What became of it: `ok`, or the code of the error. */
  async send(text: string, options: DataOptions = {}): Promise<string> {
    return (await this.sent(text, options)).code;
  }

  sent(text: string, options: DataOptions = {}): Promise<Ended> {
    return this.page.evaluate(
      ([content, how]) => window.lab.ended(() => window.lab.room.sendData(new TextEncoder().encode(content), how)),
      [text, options] as const,
    );
  }

  heard(): Promise<HeardData[]> {
    return this.page.evaluate(() => window.lab.heard);
  }

  async texts(): Promise<string[]> {
    return (await this.heard()).map(({ text }) => text);
  }

  async hears(...texts: string[]): Promise<void> {
    await waitFor(
      `${this.identity} to hear ${texts.join(', ')}`,
      async () => {
        const heard = await this.texts();
        return texts.every((text) => heard.includes(text));
      },
      { timeoutMs: 15_000 },
    );
  }

  /** Offers a file of noise. */
  async offer(bytes: number, to: string | string[], seed = 1, name = 'noise.bin'): Promise<number> {
    return this.page.evaluate(
      ([size, recipients, start, called]) => {
        const { lab } = window;
        const file = new File([lab.noise(size, start)], called, { type: 'application/x-noise' });
        const transfer = lab.room.sendFile(file, { to: recipients });
        lab.track(transfer, () => transfer.received);
        return lab.transfers.push(transfer) - 1;
      },
      [bytes, to, seed, name] as const,
    );
  }

  async isOffered(count = 1): Promise<void> {
    await waitFor(
      `${this.identity} to be offered ${count} files`,
      () => this.page.evaluate((wanted) => window.lab.offers.length >= wanted, count),
      { timeoutMs: 15_000 },
    );
  }

  accept(index = 0): Promise<void> {
    return this.page.evaluate((which) => {
      // How it ends is read from `done`.
      window.lab.offers[which]?.accept().catch(() => undefined);
    }, index);
  }

  transfer(index = 0): Promise<TransferReport> {
    return this.page.evaluate((which) => {
      const transfer = window.lab.transfers[which];
      if (!transfer) throw new Error('there is no such transfer');
      const { state, sent, size } = transfer;
      const recipients = transfer.recipients.map(({ state: at, received, error }) => ({
        state: at,
        received,
        code: error?.code ?? '',
      }));
      return { state, sent, size, recipients, progress: window.lab.progress.get(transfer) ?? [] };
    }, index);
  }

  /** Waits until a transfer has ended, and tells how. */
  async transferred(index = 0): Promise<Ended> {
    return this.page.evaluate((which) => window.lab.ended(() => window.lab.transfers[which]?.done), index);
  }

  /** Waits until a file that was accepted has come, or has failed. */
  async arrived(index = 0): Promise<ArrivalReport> {
    return this.page.evaluate(async (which) => {
      const file = window.lab.offers[which];
      if (!file) throw new Error('there is no such file');
      const { code } = await window.lab.ended(() => file.done);
      const blob = code === 'ok' ? await file.done : undefined;
      const { state, name, type, identity, size, received } = file;
      const progress = window.lab.progress.get(file) ?? [];
      const sha256 = blob ? await window.lab.sha256(blob) : '';
      return { state, name, type, identity, size, received, progress, sha256, code };
    }, index);
  }

  hashOfNoise(bytes: number, seed = 1): Promise<string> {
    return this.page.evaluate(([size, start]) => window.lab.sha256(new Blob([window.lab.noise(size, start)])), [
      bytes,
      seed,
    ] as const);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Runs in the page. */
function install(): void {
  const room = window.plenum;
  const progress = new Map<object, number[]>();
  const lab: DataLab = {
    room,
    heard: [],
    offers: [],
    transfers: [],
    progress,
    ended: async (work) => {
      try {
        await work();
        return { code: 'ok', recipients: [] };
      } catch (error) {
        const { code, recipients } = error as { code?: string; recipients?: string[] };
        return { code: code ?? String(error), recipients: recipients ?? [] };
      }
    },
    sha256: async (content) => {
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await content.arrayBuffer()));
      return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    },
    noise: (bytes, seed) => {
      const content = new Uint8Array(bytes);
      let state = seed;
      for (let index = 0; index < bytes; index += 1) {
        // A linear congruential generator (Numerical Recipes): enough to tell any two places apart.
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        content[index] = state >>> 24;
      }
      return content;
    },
    track: (file, figure) => {
      const figures: number[] = [];
      progress.set(file, figures);
      file.on('progress', () => figures.push(figure()));
    },
    channels: async () => {
      await room.sendData(new Uint8Array(0));
      await room.sendData(new Uint8Array(0), { reliable: false });
      return [...channels];
    },
    frame: (header) => {
      const text = new TextEncoder().encode(header);
      return new Uint8Array([1, 0, 0, 0, 9, text.length >> 8, text.length & 255, ...text]);
    },
  };
  window.lab = lab;
  const channels = new Set<RTCDataChannel>();
  const send: (this: RTCDataChannel, data: ArrayBuffer) => void = RTCDataChannel.prototype.send;
  function watchedSend(this: RTCDataChannel, data: ArrayBuffer): void {
    channels.add(this);
    send.call(this, data);
  }
  Reflect.set(RTCDataChannel.prototype, 'send', watchedSend);
  room.on('dataReceived', ({ participant, participantId = '', identity = '', bytes, topic, reliable }) => {
    const text = bytes.byteLength > 200 ? '' : new TextDecoder().decode(bytes);
    const known = participant?.participantId === participantId;
    lab.heard.push({ participantId, identity, known, text, bytes: bytes.byteLength, topic, reliable });
  });
  room.on('fileOffered', (file) => {
    lab.track(file, () => file.received);
    lab.offers.push(file);
  });
}
