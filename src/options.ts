import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { weaknessOf } from './auth/weakSecrets.ts';
import { limitOptions } from './limitOptions.ts';
import {
  addresses,
  amount,
  ceiling,
  count,
  filePath,
  flag,
  type OptionDeclaration,
  origins,
  port,
  proxies,
  text,
  whole,
} from './optionShapes.ts';
import { largestDataBytes } from './protocol/index.ts';
import { roomOptions } from './roomOptions.ts';
import { webhookOptions } from './webhookOptions.ts';

/** Every option of the server, declared once: its shape, its default and what it does. src/config.ts reads them. */

const cores = availableParallelism();

export const options = {
  port: {
    schema: port.default(3000),
    doc: 'Port of the web page, the API and the signaling. 0: any free one.',
    right: 'a whole number from 0 to 65535',
  },
  host: {
    schema: text.default('localhost'),
    doc: 'Address to listen on. localhost: both loopback addresses. 0.0.0.0: every IPv4 address.',
    right: 'an IP address or a host name of this machine',
  },
  adminPort: {
    schema: port.optional(),
    doc: 'Port of the second listener, for operators: /metrics and the details of /health. 0: any free one.',
    right: 'a whole number from 0 to 65535',
    shownDefault: 'the one after --port',
  },
  adminHost: {
    schema: text.default('localhost'),
    doc: 'Address of the second listener. It asks nobody who they are: let only operators reach it.',
    right: 'an IP address or a host name of this machine',
  },
  allowedOrigins: {
    schema: origins.default([]),
    doc: "Origins of other sites' pages that may use this server, with commas; its own pages always may.",
    right: 'origins like https://app.example.org or http://localhost:8080, with commas between; no path, no wildcard',
    shownDefault: 'none',
  },
  frameAncestors: {
    schema: origins.default([]),
    doc: 'Origins of sites that may show the web client in a frame, with commas.',
    right: 'origins like https://app.example.org or http://localhost:8080, with commas between; no path, no wildcard',
    shownDefault: 'none',
  },
  trustProxy: {
    schema: proxies.default([]),
    doc: 'Reverse proxies whose X-Forwarded-For and X-Forwarded-Host are believed: addresses and ranges, with commas.',
    right: 'addresses or ranges like 10.0.0.5 or 10.1.0.0/16, with commas between',
    shownDefault: 'none',
  },
  announcedAddress: {
    schema: addresses.optional(),
    doc: 'Address that clients send their media to, when it is not one of this machine (NAT, cloud); several with commas.',
    right: 'an IP address or a host name, or up to four of them with commas between',
    shownDefault: 'every address of this machine',
  },
  rtcPort: {
    schema: port.default(40_000),
    doc: 'First port for media, UDP and TCP; worker i uses this port + i. 0: any free ones.',
    right: 'a whole number from 0 to 65535',
  },
  workers: {
    schema: count(256).default(cores),
    doc: 'Number of mediasoup workers.',
    right: 'a whole number from 1 to 256',
    shownDefault: 'one per core',
  },
  workerMaxConsumers: {
    schema: count(100_000).default(400),
    doc: 'Consumers (tracks sent to participants) from which on a worker is loaded: newcomers go to another one.',
    right: 'a whole number from 1 to 100000',
  },
  workerMaxCpu: {
    schema: amount(0.01, 1).default(0.7),
    doc: 'Share of a core from which on a worker is loaded: newcomers go to another one.',
    right: 'a number from 0.01 to 1',
  },
  workerMaxParticipants: {
    schema: count(100_000).default(1000),
    doc: 'Participants on one worker; when all have as many, the server is full.',
    right: 'a whole number from 1 to 100000',
  },
  tlsCert: {
    schema: text.optional(),
    doc: 'File with the TLS certificate (PEM); with --tls-key, the server speaks https.',
    right: 'the path of a PEM file',
  },
  tlsKey: {
    schema: text.optional(),
    doc: 'File with the private key of the TLS certificate (PEM).',
    right: 'the path of a PEM file',
  },
  lan: {
    schema: flag.default(false),
    doc: 'For trying it with a phone: https with a self-signed certificate on the LAN address, and an open door unless there are keys for tokens.',
    right: '1 or 0',
  },
  tokenSecret: {
    schema: z
      .string()
      .refine((secret) => weaknessOf(secret) === undefined)
      .optional(),
    doc: 'Secret that access tokens are signed with, at least 32 bytes. Needed unless there are --token-keys or the door is open.',
    right: 'a random secret of at least 32 bytes, and none from an example; for example from: openssl rand -base64 48',
    secret: true,
    variableOnly: true,
    shownDefault: 'made up at each start while the door is open',
  },
  tokenKeys: {
    schema: filePath.optional(),
    doc: 'File with the keys that access tokens may be signed with (JWKS): HS256, or the public keys of EdDSA or ES256, each with its "kid"; or a single one, as JSON or as a public key in PEM. Read again when it changes.',
    right: 'the path of a JSON or PEM file, not what is in it',
  },
  open: {
    schema: flag.optional(),
    doc: 'Open door: the demo page gives a token to everybody who asks.',
    right: '1 or 0',
    shownDefault: 'only on loopback, without PLENUM_TOKEN_SECRET, --token-keys and --trust-proxy',
  },
  maxParticipants: {
    schema: count(100_000).default(200),
    doc: 'Participants in a room.',
    right: 'a whole number from 1 to 100000',
  },
  duplicateIdentities: {
    schema: z.enum(['replace', 'allow']).default('replace'),
    doc: 'What a second visit of an identity to a room does: replace the first, which is told so, or allow both, each with a place of its own; then whose connection breaks for good is there twice until its first visit is given up.',
    right: 'replace or allow',
  },
  fullRoster: {
    schema: count(100_000).default(100),
    doc: 'Participants of a room up to which everybody is told of everybody; beyond it, of as many who publish, speak or raise a hand.',
    right: 'a whole number from 1 to 100000',
  },
  changeInterval: {
    schema: whole(0, 10_000).default(100),
    doc: 'Milliseconds between two messages that tell a room what has changed in it; the first leaves at once. 0: one for each change.',
    right: 'milliseconds from 0 to 10000',
  },
  maxPublications: {
    schema: count(256).default(16),
    doc: 'Tracks that one participant may publish at once.',
    right: 'a whole number from 1 to 256',
  },
  autoViewVideos: {
    schema: count(1000).default(25),
    doc: 'Videos that a client receives which does not say what it shows.',
    right: 'a whole number from 1 to 1000',
  },
  dynacast: {
    schema: flag.default(true),
    doc: 'Publishers are told which of their encodings nobody watches, and switch them off.',
    right: '1 or 0',
  },
  hiddenGrace: {
    schema: amount(0, 3600).default(10),
    doc: "Seconds that a video which left somebody's view is kept for them, paused, so that it can come back at once.",
    right: 'seconds from 0 to 3600',
  },
  audioSpeakers: {
    schema: whole(0, 1000).default(6),
    doc: 'Voices that a participant hears at once: the loudest others, and whoever it has pinned. 0: all.',
    right: 'a whole number from 0 to 1000',
  },
  chatHistory: {
    schema: whole(0, 10_000).default(200),
    doc: 'Chat messages that a room keeps for those who come later.',
    right: 'a whole number from 0 to 10000',
  },
  ...roomOptions,
  drainSeconds: {
    schema: amount(0, 86_400).default(60),
    doc: 'Seconds that meetings may go on after SIGTERM, before their participants are sent to another server.',
    right: 'seconds from 0 to 86400',
  },
  ...limitOptions,
  joinsAtOnce: {
    schema: count(100_000).default(32),
    doc: 'Joins that are worked on at a time; where more come at once, they wait in their order.',
    right: 'a whole number from 1 to 100000',
  },
  maxMessageBytes: {
    schema: count(1024 * 1024).default(64 * 1024),
    doc: 'Largest signaling message, in bytes; a larger one is refused, and one of more than twice that closes the connection.',
    right: 'bytes from 1 to 1048576',
  },
  maxDataBytes: {
    schema: whole(1024, largestDataBytes).default(64 * 1024),
    doc: 'Largest message on a data channel (`sendData`), in bytes.',
    right: `bytes from 1024 to ${largestDataBytes}`,
  },
  maxFileBytes: {
    schema: whole(0, 2 ** 40).default(1024 ** 3),
    doc: 'Largest file that participants may send each other (`sendFile`), in bytes. 0: none.',
    right: `bytes from 0 to ${2 ** 40}`,
  },
  dataBitrate: {
    schema: whole(8_000, 10_000_000_000).default(50_000_000),
    doc: 'Bits per second of data and files that one participant may send; reliable ones are slowed down, lossy ones refused.',
    right: 'a whole number of bits per second, at least 8000',
  },
  dataMessages: {
    schema: count(100_000).default(1000),
    doc: 'Data messages per second that one participant may send.',
    right: 'a whole number from 1 to 100000',
  },
  pingInterval: {
    schema: amount(0.2, 60).default(1.25),
    doc: 'Seconds between two heartbeats; a client whose answer is a second late is marked as lost.',
    right: 'seconds from 0.2 to 60',
  },
  pingTimeout: {
    schema: amount(1, 120).default(10),
    doc: 'Seconds of silence after a heartbeat until a client is taken to be gone.',
    right: 'seconds from 1 to 120',
  },
  resumeGrace: {
    schema: amount(0, 600).default(30),
    doc: 'Seconds that a participant whose connection broke is kept, as long as its media still arrives, so that it can come back unnoticed. 0: none.',
    right: 'seconds from 0 to 600',
  },
  keyFrameDelay: {
    schema: whole(0, 5000).default(350),
    doc: 'Milliseconds within which key-frame requests for one video are merged.',
    right: 'milliseconds from 0 to 5000',
  },
  initialBitrate: {
    schema: count(1_000_000_000).default(1_500_000),
    doc: 'Bits per second that a participant is taken to receive before it has been measured.',
    right: 'a whole number of bits per second',
  },
  maxSendBitrate: {
    schema: ceiling.default(0),
    doc: 'Bits per second of media that one participant is told to send at most. 0: no ceiling.',
    right: '0, or bits per second from 30000 to 1000000000',
  },
  maxReceiveBitrate: {
    schema: ceiling.default(0),
    doc: 'Bits per second of video that one participant receives at most. 0: no ceiling.',
    right: '0, or bits per second from 30000 to 1000000000',
  },
  ...webhookOptions,
  simulateFaults: {
    schema: flag.default(false),
    doc: 'For development: everybody in a meeting may break their own worker, socket or UDP, to see how it comes back. The server does not start with it where NODE_ENV is production.',
    right: '1 or 0',
  },
  auditLog: {
    schema: text.default('-'),
    doc: 'Where each action of a moderator and of the API is written down, one line of JSON each: a file, to which it is appended, or - for standard output, whatever --log-level is.',
    right: 'the path of a file, or -',
  },
  logLevel: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    doc: 'What is logged: debug, info, warn, error or silent.',
    right: 'debug, info, warn, error or silent',
  },
  logFormat: {
    schema: z.enum(['text', 'json']).default('text'),
    doc: 'text for people, json for machines.',
    right: 'text or json',
  },
} as const satisfies Record<string, OptionDeclaration>;
