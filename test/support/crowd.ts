import { fakeCamera, fakeMicrophone } from './fakeMedia.ts';
import { newRequestId, RawClient } from './RawClient.ts';
import type { TestServer } from './testServer.ts';

export interface CrowdOptions {
  count: number;
  /** Whether each publishes a camera and a microphone, which send nothing. */
  publish?: boolean;
}

/** People without browsers who fill a room: `p0` to `p<count - 1>`, called `Person 0` and so on. */
export class Crowd {
  readonly #clients: RawClient[];

  static async join(server: TestServer, room: string, { count, publish = false }: CrowdOptions): Promise<Crowd> {
    const clients: RawClient[] = [];
    const crowd = new Crowd(clients);
    try {
      for (let index = 0; index < count; index += 1) {
        const token = await server.token(room, `p${index}`, `Person ${index}`);
        const client = await RawClient.connect(server.url, token);
        clients.push(client);
        await client.join({ view: { videos: [] } });
        if (!publish) continue;
        await client.request('publish', fakeCamera(newRequestId()));
        await client.request('publish', fakeMicrophone(newRequestId()));
      }
      return crowd;
    } catch (error) {
      crowd.close();
      throw error;
    }
  }

  private constructor(clients: RawClient[]) {
    this.#clients = clients;
  }

  /** The client of that number. */
  person(index: number): RawClient {
    const client = this.#clients[index];
    if (!client) throw new Error(`there is no person ${index}`);
    return client;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}
