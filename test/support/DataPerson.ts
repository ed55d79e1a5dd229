import type { Browser } from 'playwright-core';
import type { DataOptions, FileTransfer, IncomingFile } from '../../src/client/index.ts';
import { SdkPerson, type SdkPersonOptions } from './SdkPerson.ts';
import type { TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

export interface HeardData {
  participantId: string;
  identity: string;
  /** Whether the SDK knows the sender by then. */
  known: boolean;
  text: string;
  bytes: number;
  topic: string;
  reliable: boolean;
}

/** How something ended in the page: with a value, or with an error of the SDK. */
export type Ended<T> = { value: T } | { code: string; message: string; recipients?: readonly string[] };

declare global {
  interface Window {
    heard: HeardData[];
    offers: IncomingFile[];
    transfers: FileTransfer[];
    /** Sizes that `progress` events told, of the last file that was sent and of the last one that came. */
    progress: { sent: number[]; received: number[] };
    ended(work: () => unknown): Promise<Ended<never>>;
    sha256(blob: Blob): Promise<string>;
    /** Bytes that are different for each seed and look random. */
    noise(bytes: number, seed: number): Uint8Array<ArrayBuffer>;
  }
}

/** Somebody in a browser who sends and gets data and files. */
export class DataPerson {
  readonly identity: string;
  readonly sdk: SdkPerson;

  static async join(browser: Browser, server: TestServer, options: SdkPersonOptions): Promise<DataPerson> {
    const person = new DataPerson(options.identity, await SdkPerson.join(browser, server, options));
    await person.sdk.page.evaluate(install);
    return person;
  }

  private constructor(identity: string, sdk: SdkPerson) {
    this.identity = identity;
    this.sdk = sdk;
  }

  get page() {
    return this.sdk.page;
  }

  participantId(): Promise<string> {
    return this.page.evaluate(() => window.sdk.room.local?.participantId ?? '');
  }

  /** What became of `sendData(text)`. */
  send(text: string, options: DataOptions = {}): Promise<Ended<null>> {
    return this.page.evaluate(
      ([content, how]) => window.ended(() => window.sdk.room.sendData(new TextEncoder().encode(content), how)),
      [text, options] as const,
    );
  }

  heard(): Promise<HeardData[]> {
    return this.page.evaluate(() => window.heard);
  }

  async texts(): Promise<string[]> {
    return (await this.heard()).map(({ text }) => text);
  }

  async hears(...texts: string[]): Promise<void> {
    await waitFor(`${this.identity} to hear ${texts}`, async () => {
      const heard = await this.texts();
      return texts.every((text) => heard.includes(text));
    });
  }

  /** Until its data channels are open, so that lossy messages reach it. */
  async isOpen(): Promise<void> {
    await waitFor('open data channels', async () => {
      const stats = await this.sdk.page.evaluate(() => window.sdk.room.sendData(new Uint8Array(0)).then(() => true));
      return stats;
    });
  }

  close(): Promise<void> {
    return this.sdk.close();
  }
}

function install(): void {
  window.heard = [];
  window.offers = [];
  window.transfers = [];
  window.progress = { sent: [], received: [] };
  window.ended = async (work) => {
    try {
      return { value: (await work()) as never };
    } catch (error) {
      const { code, message, recipients } = error as { code: string; message: string; recipients?: string[] };
      return { code, message, ...(recipients && { recipients }) };
    }
  };
  window.sha256 = async (blob) => {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
    return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  };
  window.noise = (bytes, seed) => {
    const content = new Uint8Array(bytes);
    let state = seed;
    for (let index = 0; index < bytes; index += 1) {
      // A linear congruential generator (Numerical Recipes): enough to tell any two places apart.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      content[index] = state >>> 24;
    }
    return content;
  };
  window.sdk.room.on('dataReceived', ({ participant, participantId, identity, bytes, topic, reliable }) => {
    const text = bytes.byteLength > 200 ? '' : new TextDecoder().decode(bytes);
    const known = participant?.participantId === participantId;
    window.heard.push({ participantId, identity, known, text, bytes: bytes.byteLength, topic, reliable });
  });
  window.sdk.room.on('fileOffered', (file) => {
    window.offers.push(file);
    window.progress.received = [];
    file.on('progress', () => window.progress.received.push(file.received));
  });
}
