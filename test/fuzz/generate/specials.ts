import fc from 'fast-check';
import type { z } from 'zod';
import { shapes } from '../../../src/protocol/index.ts';
import { rtpCapabilities, rtpParameters } from '../../../src/protocol/media.ts';
import { moderation } from '../../../src/protocol/moderation.ts';
import { fakeAudioParameters, fakeCapabilities, fakeVideoParameters } from '../../support/fakeMedia.ts';
import { fromSchema, type Path, type Special } from './fromSchema.ts';
import { freshNumber, type Reference, reference } from './placeholders.ts';

/** What fits the schemas and means something as well: ids that exist, parameters that a worker takes. */
export const specials: Special = (schema, path) => {
  const field = path.at(-1) ?? '';
  // The key of a record, as of metadata, names nothing.
  if (schema === shapes.id && field !== '') return field === 'requestId' ? requestIds : idsFor(field);
  if (schema === shapes.identity && field !== '') return fc.oneof(refers('identity'), refers('banned'), shortNames);
  if (schema === shapes.roomName) return rooms;
  // Each must be higher than those before it.
  if (field === 'version') return fc.constant(freshNumber);
  if (schema === rtpParameters) return realistic(tracks, rtpParameters, path);
  if (schema === rtpCapabilities) return realistic(capabilities, rtpCapabilities, path);
  if (schema === moderation) return actions(path);
  if (isFingerprint(schema)) return fingerprints;
  return undefined;
};

/** Mostly as browsers make them; else whatever the schema lets through. */
function realistic(usual: fc.Arbitrary<unknown>, schema: z.ZodType, path: Path): fc.Arbitrary<unknown> {
  const derived = fromSchema(schema, (each, at) => (each === schema ? undefined : specials(each, at)), path);
  return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: derived });
}

/** Rarely what ends the room for all, or leaves others outside. */
function actions(path: Path): fc.Arbitrary<unknown> {
  return fc.oneof(
    ...moderation.options.map((option) => ({
      weight: ['end', 'lock'].includes(option.shape.action.value) ? 1 : 3,
      arbitrary: fromSchema(option, specials, path),
    })),
  );
}

function refers(kind: Reference): fc.Arbitrary<string> {
  return fc.nat(1000).map((index) => reference(kind, index));
}

const shortNames = fc.constantFrom('ada', 'bob', '\u00e9', 'x'.repeat(128));
const words = fc.constantFrom('unknown', '0', '_', '-', 'constructor', 'x'.repeat(64));

/** Mostly one that a moderator of this room may move people to and fro. */
const rooms = fc
  .tuple(refers('room'), fc.constantFrom('', '', '', '', '--side', '--side', '--other', '--', '-elsewhere'))
  .map(([room, suffix]) => room + suffix);

/** Rarely one that was used before, with the same content or another. */
const requestIds = fc.oneof(
  { weight: 8, arbitrary: refers('fresh') },
  { weight: 1, arbitrary: fc.constantFrom('again-1', 'again-2', 'again-3') },
);

/** What a field is called says of what its ids are, as a rule. */
function idsFor(field: string): fc.Arbitrary<string> {
  const named = (['participant', 'publication', 'subscription', 'chat', 'knock'] as const).find((kind) =>
    field.startsWith(kind),
  );
  return fc.oneof(
    { weight: 6, arbitrary: named ? refers(named) : refers('participant') },
    { weight: 1, arbitrary: refers('foreign') },
    { weight: 1, arbitrary: words },
    { weight: 1, arbitrary: fc.oneof(refers('participant'), refers('publication'), refers('subscription')) },
  );
}

/** Each with numbers of its own: a worker refuses those that were used before. */
const tracks = fc.constantFrom('audio', 'single', 'simulcast', 'svc').map((kind) => {
  const made =
    kind === 'audio'
      ? fakeAudioParameters()
      : fakeVideoParameters(kind === 'simulcast' ? 3 : 1, kind === 'svc' ? 'AV1' : 'VP8');
  return {
    ...made,
    mid: reference('fresh', 0),
    encodings: made.encodings.map((encoding) => ({
      ...encoding,
      ...(kind === 'svc' && { scalabilityMode: 'L3T3_KEY' }),
      ...(encoding.ssrc !== undefined && { ssrc: freshNumber }),
      ...(encoding.rtx && { rtx: { ssrc: freshNumber } }),
    })),
  };
});

const capabilities = fc
  .subarray(['VP8', 'VP9', 'H264', 'AV1'] as ('VP8' | 'VP9' | 'H264' | 'AV1')[])
  .map((codecs) => fakeCapabilities(codecs));

const hashBytes = { 'sha-1': 20, 'sha-224': 28, 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 } as const;

const fingerprints = fc.constantFrom(...Object.entries(hashBytes)).chain(([algorithm, bytes]) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((hash) => ({
    algorithm,
    value: [...hash].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'),
  })),
);

function isFingerprint(schema: unknown): boolean {
  const shape: unknown = Reflect.get(Object(Reflect.get(Object(schema), 'def')), 'shape');
  return typeof shape === 'object' && shape !== null && Object.keys(shape).join() === 'algorithm,value';
}
