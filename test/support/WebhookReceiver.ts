import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type VerifyWebhookOptions, verifyWebhook, type WebhookEvent } from '../../src/auth/index.ts';
import { waitFor } from './waitFor.ts';

export const webhookSecret = 'whsec_kT2rW9yXb5uLq8Zc1vNf7Hs0dJg3Pm6A';

export interface Arrival {
  event: WebhookEvent;
  headers: VerifyWebhookOptions['headers'];
  answer: (status: number) => void;
}

/** An application's server: takes each webhook that is rightly signed, and answers as the test says. */
export class WebhookReceiver {
  /** All requests, in the order in which they came, those that are not answered included. */
  readonly arrivals: Arrival[] = [];
  /** Requests that were not signed, or not as they have to be. */
  readonly refused: unknown[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => this.#take(request.headers, Buffer.concat(chunks), response));
  });
  #handle: (arrival: Arrival) => void = ({ answer }) => answer(204);

  /** @param port 0: any free one */
  static async listen(port = 0): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}/plenum`);
  }

  /** What becomes of requests from now on; without it they are answered with 204. */
  onArrival(handle: (arrival: Arrival) => void): void {
    this.#handle = handle;
  }

  /** Of one room or of all, as they came. */
  events(room?: string): WebhookEvent[] {
    const all = this.arrivals.map(({ event }) => event);
    return room === undefined ? all : all.filter(({ data }) => 'room' in data && data.room.name === room);
  }

  /** As soon as there are so many of a room. */
  async first(count: number, room: string): Promise<WebhookEvent[]> {
    await waitFor(`${count} events of ${room}`, () => this.events(room).length >= count);
    return this.events(room);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #take(headers: Arrival['headers'], body: Buffer, response: ServerResponse): void {
    try {
      const event = verifyWebhook({ secrets: webhookSecret, headers, body });
      const arrival: Arrival = { event, headers, answer: (status) => void response.writeHead(status).end() };
      this.arrivals.push(arrival);
      this.#handle(arrival);
    } catch (error) {
      this.refused.push(error);
      response.writeHead(401).end();
    }
  }
}
