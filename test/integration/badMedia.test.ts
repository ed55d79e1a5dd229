import { expect, test } from 'vitest';
import { type ParamsInput, requests } from '../../src/protocol/index.ts';
import {
  fakeAudioParameters,
  fakeCamera,
  fakeCapabilities,
  fakeDtlsParameters,
  fakeMicrophone,
  fakeVideoParameters,
} from '../support/fakeMedia.ts';
import { type Mutation, mutations } from '../support/mutations.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

const stage = setStage({ config: { ...wideLimits, maxPublications: 256 } });

const refused = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });

test.each<[string, unknown]>([
  ['no fingerprint', []],
  ['an empty one', [{ algorithm: 'sha-256', value: '' }]],
  ['a short one', [{ algorithm: 'sha-256', value: 'AA:BB' }]],
  ['one byte too many', [{ algorithm: 'sha-256', value: `${Array(33).fill('AA').join(':')}` }]],
  ['no hexadecimal', [{ algorithm: 'sha-256', value: `${Array(32).fill('ZZ').join(':')}` }]],
  ['no colons', [{ algorithm: 'sha-256', value: 'AA'.repeat(32) }]],
  ['a line feed behind', [{ algorithm: 'sha-256', value: `${Array(32).fill('AA').join(':')}\n` }]],
  ['an unknown hash', [{ algorithm: 'md5', value: Array(16).fill('AA').join(':') }]],
  ['another hash', [{ algorithm: 'sha-512', value: Array(32).fill('AA').join(':') }]],
  ['one right, one wrong', [...fakeDtlsParameters().fingerprints, { algorithm: 'sha-256', value: 'x' }]],
  ['hundreds', Array(800).fill(fakeDtlsParameters().fingerprints[0])],
])('a join with wrong DTLS fingerprints is refused: %s', async (_what, fingerprints) => {
  const ada = await stage.client('dtls', 'ada');
  const answer = await ada.ask('join', { ...requestExamples.join(), dtlsParameters: { fingerprints } });
  expect(['bad-request', 'message-too-large']).toContain(answer.error?.code);
  expect(stage.server.app.registry.rooms).toEqual([]);
  await ada.join();
});

test('fingerprints in lower case and of each hash are fine, and so is each role but server', async () => {
  const of = (bytes: number) => Array(bytes).fill('ab').join(':');
  const hashes = { 'sha-1': 20, 'sha-224': 28, 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 } as const;
  for (const [algorithm, bytes] of Object.entries(hashes) as ['sha-1', number][]) {
    await stage.joined('dtls', algorithm, {
      dtlsParameters: { role: 'client', fingerprints: [{ algorithm, value: of(bytes) }] },
    });
  }
});

const numbers = [0, 1, 15, 97, 127, 128, 255, 0xffff_ffff];
const words = [
  '',
  'video/VP8',
  'audio/opus',
  'video/rtx',
  'video/red',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'urn:x',
  'S9T9',
  'L3T3_KEY',
  'L99T99',
  'L0T0',
  'x'.repeat(256),
  '\u0000',
];
const strange = [...numbers, ...words, true, null, [], {}];

/** Of all changes of one part of the params those that the protocol's shape lets through: mediasoup has to judge them. */
function passing(
  name: 'publish' | 'join',
  params: object,
  part: 'rtpParameters' | 'recvRtpCapabilities',
  replacements = strange,
): Mutation[] {
  const whole = mutations(Reflect.get(params, part), replacements).map(({ what, value }) => ({
    what,
    value: { ...params, [part]: value },
  }));
  return whole.filter(({ value }) => requests[name].params.safeParse(value).success);
}

const withId = (value: unknown): Record<string, unknown> => ({ ...Object(value), requestId: newRequestId() });

/** Each client takes its share; one after the other, since they have SSRCs and MIDs in common. */
async function shareOut(
  clients: RawClient[],
  variants: Mutation[],
  work: (client: RawClient, variant: Mutation) => Promise<void>,
) {
  await Promise.all(
    clients.map(async (client, share) => {
      for (const [index, variant] of variants.entries()) {
        if (index % clients.length === share) await work(client, variant);
      }
    }),
  );
}

const tracks: [string, () => ParamsInput<'publish'>][] = [
  ['audio', () => fakeMicrophone(newRequestId())],
  ['one encoding', () => ({ ...fakeCamera(newRequestId()), rtpParameters: fakeVideoParameters(1) })],
  ['simulcast', () => fakeCamera(newRequestId())],
  [
    'SVC',
    () => {
      const rtpParameters = fakeVideoParameters(1, 'AV1');
      const encodings = rtpParameters.encodings.map((encoding) => ({ ...encoding, scalabilityMode: 'L3T3_KEY' }));
      return { ...fakeCamera(newRequestId()), rtpParameters: { ...rtpParameters, encodings } };
    },
  ],
];

test.each(tracks)('RTP parameters with any field changed are taken or refused: %s', async (_what, track) => {
  const people = await Promise.all(['ada', 'bob'].map((identity) => stage.joined('rtp', identity)));
  const codes = new Map<string, string[]>();
  // Each of them receives what the others publish, so that the worker makes consumers of it too.
  await shareOut(people, passing('publish', track(), 'rtpParameters'), async (person, { what, value }) => {
    const { ok, data, error } = await person.ask('publish', withId(value));
    const code = error?.code ?? 'ok';
    codes.set(code, [...(codes.get(code) ?? []), `${what}: ${error?.message}`]);
    if (!ok) return;
    const { publicationId } = requests.publish.result.parse(data);
    await person.request('unpublish', { requestId: newRequestId(), publicationId });
  });
  expect([...codes.keys()].toSorted()).toEqual(['ok', 'unsupported']);
  expect(stage.server.app.engine.status.tally.producers).toBe(0);
  for (const person of people) expect((await person.ask('publish', track())).ok).toBe(true);
});

test('capabilities with any field changed let nobody else notice', async () => {
  const ada = await stage.joined('capabilities', 'ada');
  await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('publish', fakeMicrophone(newRequestId()));
  const join = { ...requestExamples.join(), recvRtpCapabilities: fakeCapabilities(['VP8']), view: 'auto' };
  const variants = passing('join', join, 'recvRtpCapabilities', [0, 97, 255, '', 'video/rtx', 'urn:x', null, [], {}]);
  expect(variants.length).toBeGreaterThan(50);
  const identities = await Promise.all(
    ['bob', 'eve', 'joe', 'sue'].map((identity) => stage.client('elsewhere', identity)),
  );
  await shareOut(identities, variants, async (_client, { what, value }) => {
    const eve = await stage.client('capabilities', newRequestId());
    const answer = await eve.ask('join', withId(value));
    expect(answer.error?.code ?? 'ok', what).toMatch(/^(ok|unsupported)$/);
    eve.close();
  });
});

const publish = (rtpParameters: unknown, more: object = {}) => ({
  ...fakeCamera(newRequestId()),
  ...more,
  rtpParameters,
});

test('duplicate SSRCs, MIDs and RIDs are refused, within a publication and between two', async () => {
  const ada = await stage.joined('twice', 'ada');
  const bob = await stage.joined('twice', 'bob');
  const simulcast = fakeVideoParameters();
  const single = fakeVideoParameters(1);
  const [encoding] = single.encodings;
  expect((await ada.ask('publish', publish(simulcast))).ok).toBe(true);
  expect((await ada.ask('publish', publish(single))).ok).toBe(true);
  await waitFor("bob's consumers", () => stage.server.app.engine.status.tally.consumers === 2);
  const before = stage.server.app.engine.status.tally;
  const wrong = {
    'the same MID': publish({ ...fakeVideoParameters(), mid: simulcast.mid }),
    'the same SSRC': publish({ ...fakeVideoParameters(1), encodings: [encoding] }),
    'the same SSRC for RTX': publish({
      ...fakeVideoParameters(1),
      encodings: [{ ssrc: 77_777, rtx: { ssrc: encoding?.ssrc } }],
    }),
    'the same SSRC twice': publish({ ...fakeVideoParameters(), encodings: [{ ssrc: 5 }, { ssrc: 5 }] }),
    'an SSRC that is its own RTX': publish({ ...fakeVideoParameters(), encodings: [{ ssrc: 6, rtx: { ssrc: 6 } }] }),
    'the same RID twice': publish({ ...fakeVideoParameters(), encodings: [{ rid: 'a' }, { rid: 'a' }] }),
    'six encodings with three RIDs': publish({
      ...fakeVideoParameters(),
      encodings: [...simulcast.encodings, ...simulcast.encodings],
    }),
  };
  for (const [what, params] of Object.entries(wrong)) {
    expect(await ada.ask('publish', params), what).toEqual(refused('unsupported'));
  }
  expect(stage.server.app.engine.status.tally).toEqual(before);
  // What was refused has left nothing that would be in the way of the right one.
  expect((await ada.ask('publish', publish({ ...fakeVideoParameters(1), encodings: [{ ssrc: 6 }] }))).ok).toBe(true);
  // Somebody else's transport has numbers of its own.
  expect((await bob.ask('publish', publish(single))).ok).toBe(true);
});

test('wrong codecs and too many encodings are refused', async () => {
  const ada = await stage.joined('codecs', 'ada');
  const video = fakeVideoParameters();
  const audio = fakeAudioParameters();
  const codec = (mimeType: string) => ({
    ...video,
    codecs: video.codecs.map((each, i) => (i ? each : { ...each, mimeType })),
  });
  for (const mimeType of ['video/H265', 'video/VP10', 'audio/opus', 'audio/PCMU', 'video/rtx', 'video/VP9']) {
    expect(await ada.ask('publish', publish(codec(mimeType))), mimeType).toEqual(refused('unsupported'));
  }
  expect(await ada.ask('publish', publish(audio))).toEqual(refused('unsupported'));
  const rtxOfRtx = video.codecs.map((each, i) => (i ? { ...each, parameters: { apt: 97 } } : each));
  const wrongRtx = await ada.ask('publish', publish({ ...video, codecs: rtxOfRtx }));
  expect(wrongRtx).toEqual(refused('unsupported'));
  expect(wrongRtx.error?.message).toContain('apt');
  const [vp8] = video.codecs;
  const vp9 = { ...vp8, mimeType: 'video/VP9', payloadType: 98, parameters: { 'profile-id': 0 } };
  expect(await ada.ask('publish', publish({ ...video, codecs: [...video.codecs, vp9] }))).toEqual(
    refused('unsupported'),
  );
  const layers = fakeVideoParameters(1, 'AV1');
  for (const scalabilityMode of ['L99T99', 'L4T1', 'L1T4', 'S9T9_KEY']) {
    const encodings = layers.encodings.map((encoding) => ({ ...encoding, scalabilityMode }));
    expect(await ada.ask('publish', publish({ ...layers, encodings })), scalabilityMode).toEqual(
      refused('unsupported'),
    );
  }
  const microphone = { source: 'microphone', kind: 'audio' };
  expect(await ada.ask('publish', publish(video, microphone))).toEqual(refused('unsupported'));
  const twoEncodings = { ...audio, encodings: [{ ssrc: 1 }, { ssrc: 2 }] };
  expect(await ada.ask('publish', publish(twoEncodings, microphone))).toEqual(refused('unsupported'));
  expect(await ada.ask('publish', publish(audio, { source: 'camera', kind: 'audio' }))).toEqual(refused('bad-request'));
  expect(await ada.ask('publish', publish(video, { source: 'microphone' }))).toEqual(refused('bad-request'));
  for (const encodings of [
    [],
    Array(9).fill({ rid: 'a' }),
    Array.from({ length: 2000 }, (_, i) => ({ rid: `r${i}` })),
  ]) {
    expect(await ada.ask('publish', publish({ ...video, encodings }))).toEqual(refused('bad-request'));
  }
  expect((await ada.ask('publish', publish({ ...video, encodings: Array(8000).fill({ rid: 'a' }) }))).error?.code).toBe(
    'message-too-large',
  );
});

test('a client that can decode nothing may stay', async () => {
  const ada = await stage.joined('blind', 'ada');
  await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('publish', fakeMicrophone(newRequestId()));
  for (const recvRtpCapabilities of [{}, { codecs: [] }, { codecs: [], headerExtensions: [] }]) {
    const { answer } = await stage.joined('blind', newRequestId(), { recvRtpCapabilities });
    expect(answer.subscriptions).toEqual([]);
  }
});

test('views with the largest and strangest sizes are taken', async () => {
  const ada = await stage.joined('sizes', 'ada');
  const bob = await stage.joined('sizes', 'bob');
  const { publicationId } = await ada.request('publish', { ...fakeCamera(newRequestId()), width: 1, height: 16_384 });
  await bob.next('subscriptionsAdded');
  let version = 0;
  for (const [width, height, priority] of [
    [1, 1, 1],
    [16_384, 16_384, 255],
    [1, 16_384, 128],
    [16_384, 1, 1],
  ] as const) {
    version += 1;
    const videos = [{ publicationId, width, height, priority }];
    expect(await bob.ask('setView', { version, view: { videos } })).toEqual({ ok: true, data: { version } });
  }
});
