import type { types } from 'mediasoup';
import type { Participant } from '../../src/room/Participant.ts';
import type { TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

/** A server in this process, with mediasoup's own objects of it; `Stage` is one. */
export interface Booked {
  readonly server: Pick<TestServer, 'app'>;
  readonly workers: readonly types.Worker[];
  readonly routers: ReadonlyMap<types.Router, ReadonlySet<types.Transport>>;
}

/** What lives on one router; lists are sorted. */
interface RouterBooks {
  /** By transport id: the ids of producers and consumers. Pipes and what the server itself listens by are left out. */
  transports: Record<string, { producers: string[]; consumers: string[] }>;
  /** Ids of producers that come here by a pipe. */
  pipedHere: string[];
  /** Ids of producers that leave by a pipe, once for each. */
  pipedAway: string[];
  links: number;
}

/** By router id. */
type Books = Record<string, RouterBooks>;

/**
 * Waits until the workers hold exactly what the domain says: no router, transport, producer, consumer, link or pipe
 * more, and none less. Pipes that nobody needs any more have a grace of two seconds.
 */
export async function workersAgree(stage: Booked): Promise<void> {
  let last = '';
  const agree = async () => {
    const [actual, expected] = [JSON.stringify(await inWorkers(stage)), JSON.stringify(inDomain(stage))];
    last = `\nworkers: ${actual}\ndomain:  ${expected}`;
    return actual === expected;
  };
  try {
    await waitFor('the workers', agree, { timeoutMs: 8000, intervalMs: 50 });
  } catch (error) {
    throw new Error(`the workers hold something else than the domain says:${last}`, { cause: error });
  }
}

async function inWorkers({ workers, routers }: Booked): Promise<Books> {
  const books: Books = {};
  for (const worker of workers) for (const id of (await worker.dump()).routerIds) books[id] = emptyBooks();
  for (const [router, transports] of routers) {
    const dump = await unlessClosed(router.dump());
    const ofRouter = books[router.id];
    if (!dump || !ofRouter) continue;
    const known = [...transports].map(({ id }) => id);
    // What the worker has and nobody in the server knows of.
    for (const id of dump.transportIds) if (!known.includes(id)) ofRouter.transports[id] = emptyTransport();
    const producerOf = new Map(dump.mapConsumerIdProducerId.map(({ key, value }) => [key, value]));
    for (const transport of transports) await enter(transport, ofRouter, producerOf);
  }
  return sorted(books);
}

async function enter(transport: types.Transport, books: RouterBooks, producerOf: Map<string, string>): Promise<void> {
  if (transport.type === 'direct') return;
  // mediasoup does not say so in its types, but each transport's dump has what all of them have.
  const dump = (await unlessClosed(transport.dump())) as types.BaseTransportDump | undefined;
  if (!dump) return;
  const { producerIds, consumerIds } = dump;
  if (transport.type !== 'pipe') {
    books.transports[transport.id] = { producers: producerIds, consumers: consumerIds };
    return;
  }
  books.links += 1;
  books.pipedHere.push(...producerIds);
  books.pipedAway.push(...consumerIds.map((id) => producerOf.get(id) ?? `the unknown producer of ${id}`));
}

/** Closed while it was asked: it will be missing when everything has come to rest. */
async function unlessClosed<T>(dump: Promise<T>): Promise<T | undefined> {
  try {
    return await dump;
  } catch {
    return undefined;
  }
}

function inDomain({ server }: Booked): Books {
  const books: Books = {};
  for (const { participants } of server.app.registry.rooms) {
    const used = new Set(participants.map(({ router }) => router.routerId));
    for (const id of used) books[id] = { ...emptyBooks(), links: used.size - 1 };
    for (const participant of participants) enterParticipant(participant, participants, books);
  }
  return sorted(books);
}

function enterParticipant(participant: Participant, everybody: readonly Participant[], books: Books): void {
  const { router, sendTransport, recvTransport, publications, subscriptions } = participant;
  const here = books[router.routerId];
  if (!here) return;
  here.transports[sendTransport.info.transportId] = {
    producers: publications.map(({ publicationId }) => publicationId),
    consumers: [],
  };
  const received = everybody
    .flatMap((each) => each.publications)
    .flatMap((publication) => {
      const consumer = subscriptions.consumerOf(publication.publicationId);
      return consumer ? [{ publication, consumer }] : [];
    });
  here.transports[recvTransport.info.transportId] = {
    producers: [],
    consumers: received.map(({ consumer }) => consumer.consumerId),
  };
  for (const { publication } of received) {
    const { publicationId, routerId } = publication;
    if (routerId === router.routerId || here.pipedHere.includes(publicationId)) continue;
    here.pipedHere.push(publicationId);
    books[routerId]?.pipedAway.push(publicationId);
  }
}

function emptyBooks(): RouterBooks {
  return { transports: {}, pipedHere: [], pipedAway: [], links: 0 };
}

function emptyTransport(): RouterBooks['transports'][string] {
  return { producers: [], consumers: [] };
}

/** So that equal books are equal texts. */
function sorted(books: Books): Books {
  const byKey = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const sort = ({ transports, pipedHere, pipedAway, links }: RouterBooks): RouterBooks => ({
    transports: byKey(
      Object.fromEntries(
        Object.entries(transports).map(([id, { producers, consumers }]) => [
          id,
          { producers: producers.toSorted(), consumers: consumers.toSorted() },
        ]),
      ),
    ),
    pipedHere: pipedHere.toSorted(),
    pipedAway: pipedAway.toSorted(),
    links,
  });
  return byKey(Object.fromEntries(Object.entries(books).map(([id, ofRouter]) => [id, sort(ofRouter)])));
}
