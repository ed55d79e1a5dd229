import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import { MediaConnection } from '../../../load/transport/MediaConnection.ts';
import { fakeCamera, fakeMicrophone } from '../../../support/fakeMedia.ts';
import { waitFor } from '../../../support/waitFor.ts';
import { LeanClient } from '../../load/LeanClient.ts';
import type { BenchServer } from '../../server/BenchServer.ts';
import { inBatches } from '../forwarding/Forwarder.ts';
import { type Footprint, footprintOf, perPart } from './Footprint.ts';

/** How many join at a time. */
const atOnce = 20;
const patience = { timeoutMs: 20_000, intervalMs: 200 };
/** Nobody publishes more; the server's default. */
export const publicationsEach = 16;

/** Things that are held in a server's memory; each function adds some, gives what each cost, and takes them away. */
export class Holdings {
  readonly #server: BenchServer;
  readonly #context: LoadContext;
  readonly #settleMs: number;

  constructor(server: BenchServer, context: LoadContext, settleMs: number) {
    this.#server = server;
    this.#context = context;
    this.#settleMs = settleMs;
  }

  /** Connected and let in, but in no room. */
  async sockets(count: number): Promise<Footprint> {
    const before = await this.#emptied();
    const clients = await this.#connected('waiting', count);
    try {
      return perPart(before, await footprintOf(this.#server, this.#settleMs), count);
    } finally {
      for (const client of clients) client.close();
    }
  }

  /** In one room with both transports connected, as the client SDK has them at once; they send and receive nothing. */
  async participants(count: number): Promise<Footprint> {
    const before = await this.#emptied();
    const people = await inBatches(count, atOnce, (index) => this.#connectedToMedia(`person-${index}`));
    try {
      return perPart(before, await footprintOf(this.#server, this.#settleMs), count);
    } finally {
      for (const close of people) close();
    }
  }

  /** Nobody receives them: each publisher is alone in a room. */
  async publications(kind: 'camera' | 'microphone', publishers: number): Promise<Footprint> {
    await this.#emptied();
    const people = await inBatches(publishers, atOnce, (index) => this.#joined(`alone-${index}`, 'publisher'));
    try {
      const before = await footprintOf(this.#server, this.#settleMs);
      for (const client of people) {
        await Promise.all(Array.from({ length: publicationsEach }, (_, index) => publish(client, kind, index)));
      }
      return perPart(before, await footprintOf(this.#server, this.#settleMs), publishers * publicationsEach);
    } finally {
      for (const client of people) client.close();
    }
  }

  /** Everybody else in the room receives all videos of one publisher. */
  async subscriptions(viewers: number): Promise<Footprint> {
    await this.#emptied();
    const publisher = await this.#joined('watched', 'publisher');
    const people = await inBatches(viewers, atOnce, (index) => this.#joined('watched', `viewer-${index}`));
    try {
      const videos = await Promise.all(
        Array.from({ length: publicationsEach }, (_, index) => publish(publisher, 'camera', index)),
      );
      const before = await footprintOf(this.#server, this.#settleMs);
      const view = { videos: videos.map((publicationId) => ({ publicationId, width: 320, height: 180 })) };
      await Promise.all(people.map((client) => client.request('setView', { version: 1, view })));
      const wanted = viewers * publicationsEach;
      await waitFor(
        'the subscriptions',
        async () => (await this.#health()).workers.total.consumers >= wanted,
        patience,
      );
      return perPart(before, await footprintOf(this.#server, this.#settleMs), wanted);
    } finally {
      for (const client of [publisher, ...people]) client.close();
    }
  }

  /** So many join, publish a microphone, hear the others of their room, and leave again. */
  async visits(count: number): Promise<Footprint> {
    for (let begun = 0; begun < count; begun += atOnce) {
      const size = Math.min(atOnce, count - begun);
      const people = await inBatches(size, atOnce, (index) => this.#joined('visits', `visitor-${begun + index}`));
      await Promise.all(people.map((client, index) => publish(client, 'microphone', index)));
      for (const client of people) client.close();
    }
    return this.#emptied();
  }

  /** When nobody is there any more. */
  async #emptied(): Promise<Footprint> {
    const isEmpty = async () => {
      const { participants, sockets, workers } = await this.#health();
      return participants === 0 && sockets === 0 && workers.total.transports === 0;
    };
    await waitFor('an empty server', isEmpty, patience);
    return footprintOf(this.#server, this.#settleMs);
  }

  #connected(room: string, count: number): Promise<LeanClient[]> {
    return inBatches(count, atOnce, async (index) =>
      LeanClient.connect(this.#server.url, await this.#server.token(room, `person-${index}`)),
    );
  }

  /** @returns what ends it */
  async #connectedToMedia(identity: string): Promise<() => void> {
    const { certificate } = this.#context;
    const client = await LeanClient.connect(this.#server.url, await this.#server.token('idle', identity));
    const { sendTransport, recvTransport } = await client.joinWith(certificate.fingerprint);
    const connections = [sendTransport, recvTransport].map(
      (info) => new MediaConnection(info, { certificate, local: true }),
    );
    await Promise.all(connections.map((connection) => connection.connect()));
    return () => {
      for (const connection of connections) connection.close();
      client.close();
    };
  }

  async #joined(room: string, identity: string): Promise<LeanClient> {
    const client = await LeanClient.connect(this.#server.url, await this.#server.token(room, identity));
    await client.join();
    return client;
  }

  async #health(): Promise<{
    participants: number;
    sockets: number;
    workers: { total: { transports: number; consumers: number } };
  }> {
    const response = await fetch(new URL('/health', this.#server.adminUrl));
    return response.json();
  }
}

async function publish(client: LeanClient, kind: 'camera' | 'microphone', index: number): Promise<string> {
  const make = kind === 'camera' ? fakeCamera : fakeMicrophone;
  const { publicationId } = await client.request('publish', make(`publish-${index}`));
  return publicationId;
}
