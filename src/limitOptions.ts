import { amount, count, limit, type OptionDeclaration, rate, whole } from './optionShapes.ts';

/**
 * Limits that keep strangers and single participants from slowing down the others: part of src/options.ts. The defaults are
 * such that nobody runs into them who uses the SDK: not an office of 200 people behind one address, and not 2,000 clients
 * that come back at the same time; who comes back to a visit is not counted against its address.
 */
export const limitOptions = {
  maxRooms: {
    schema: count(1_000_000).default(10_000),
    doc: 'Rooms on this server; who would open one more is refused with `server-full`.',
    right: 'a whole number from 1 to 1000000',
  },
  maxHidden: {
    schema: whole(0, 10_000).default(10),
    doc: 'Hidden participants in a room; they are not counted among its --max-participants.',
    right: 'a whole number from 0 to 10000',
  },
  maxServerParticipants: {
    schema: count(1_000_000).optional(),
    doc: 'Participants on this server, in all rooms together; one more is refused with `server-full`.',
    right: 'a whole number from 1 to 1000000',
    shownDefault: 'as many as its workers take',
  },
  maxSubscriptions: {
    schema: count(100_000).default(1000),
    doc: 'Tracks that one participant receives at once; what its view asks for beyond that is left out.',
    right: 'a whole number from 1 to 100000',
  },
  maxPending: {
    schema: count(100_000).default(128),
    doc: 'Requests of one participant that are worked on at a time; one more is refused with `rate-limited`.',
    right: 'a whole number from 1 to 100000',
  },
  maxWaiting: {
    schema: count(100_000).default(1024),
    doc: 'Messages of one client that were received and wait to be read, and as many bytes as 16 of the largest; a client that sends more in one go is disconnected. Before it is let in it is one.',
    right: 'a whole number from 1 to 100000',
  },
  maxAddressSockets: {
    schema: count(1_000_000).default(1000),
    doc: 'Clients connected at a time from one address (IPv6: from one /64), this machine not excepted, and half as many over which nobody has joined; one more is refused with `rate-limited`, unless it comes back to a visit. Of TCP connections an address has four times as many, and no more than a quarter of all, unless it is a trusted proxy or this machine.',
    right: 'a whole number from 1 to 1000000',
  },
  maxIdentitySockets: {
    schema: count(100_000).default(32),
    doc: 'Clients connected at a time as one identity for one room; one more is refused with `rate-limited`.',
    right: 'a whole number from 1 to 100000',
  },
  prepareTimeout: {
    schema: amount(1, 86_400).default(900),
    doc: 'Seconds that a client may be connected without joining, as a page shown before the join is; then it is disconnected, and the SDK connects again when it joins.',
    right: 'seconds from 1 to 86400',
  },
  limitHttp: limit(
    'HTTP requests: pages, files and the API; neither tokens of the open door nor `/health` and `/ready`.',
    {
      address: rate(200, 10_000),
    },
  ),
  limitPolling: limit('HTTP requests of signaling, which clients make whose network lets no WebSocket through.', {
    address: rate(5000, 50_000),
  }),
  limitTokens: limit('Tokens of the open door.', { address: rate(20, 1000) }),
  limitConnects: limit('Handshakes, also refused ones: so many a second, and so many at once.', {
    identity: rate(5, 100),
    address: rate(50, 5000),
    room: rate(100, 5000),
  }),
  limitJoins: limit('Joins, also refused ones.', {
    socket: rate(2, 20),
    identity: rate(5, 50),
    address: rate(50, 5000),
    room: rate(100, 5000),
  }),
  limitRequests: limit('Requests by weight: 1 for the cheapest, 10 for a join.', {
    socket: rate(100, 1000),
    identity: rate(200, 2000),
    address: rate(4000, 100_000),
    room: rate(4000, 100_000),
  }),
  limitChat: limit('Chat messages.', {
    socket: rate(5, 50),
    identity: rate(5, 50),
    address: rate(100, 1000),
    room: rate(100, 1000),
  }),
  limitApi: limit(
    "The API for the application's server: of an application by weight (1 for reading one thing, 5 for a list, 10 for a room's statistics), of an address each request, also refused ones.",
    {
      application: rate(100, 1000),
      address: rate(100, 1000),
    },
  ),
  limitData: limit('Data messages; each 16 KiB of a larger one count as one.', {
    identity: rate(2000, 4000),
    address: rate(20_000, 40_000),
    room: rate(8000, 16_000),
  }),
} as const satisfies Record<string, OptionDeclaration>;
