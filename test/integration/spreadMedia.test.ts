import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Participant } from '../../src/room/Participant.ts';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import type { Reception } from '../load/receiving/Receiver.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { workersAgree } from '../support/workerBooks.ts';

/** Real packets of people who are each on another worker. */

const stage = setStage({ config: { workers: 3, workerMaxConsumers: 1, hiddenGrace: 0, dynacast: false } });
const context = await createContext();
const visits: LoadParticipant[] = [];

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  for (const visit of visits.splice(0)) await visit.close();
});

const status = () => stage.server.app.engine.status;

async function joined(room: string, identity: string): Promise<LoadParticipant> {
  const token = await stage.server.token(room, identity);
  const participant = await LoadParticipant.join(context, { url: stage.server.url, token });
  visits.push(participant);
  return participant;
}

const tile = (publicationId: string, width: number) => ({
  publicationId,
  width,
  height: (width * 9) / 16,
  priority: 1,
});
const packetsOf = (reception: Reception | undefined) => reception?.stream.packets ?? 0;

async function flows(person: LoadParticipant, publicationId: string): Promise<Reception> {
  const reception = await waitFor('a subscription', () => person.receptionOf(publicationId));
  const before = packetsOf(reception);
  await waitFor('packets', () => packetsOf(reception) > before + 20);
  return reception;
}

function onServer(identity: string): Participant {
  const participants = stage.server.app.registry.rooms.flatMap((room) => room.participants);
  const found = participants.find((each) => each.identity === identity);
  if (!found) throw new Error(`${identity} is not there`);
  return found;
}

/** What the worker of a subscriber says of its consumer. */
const stateOf = (identity: string, publicationId: string) =>
  onServer(identity).subscriptions.consumerOf(publicationId)?.state;

test('pictures and sound flow through pipes without loss, and workers count their packets', async () => {
  const ada = await joined('flow', 'ada');
  const others = [await joined('flow', 'bob'), await joined('flow', 'eve')];
  expect(status().workers.map(({ participants }) => participants)).toEqual([1, 1, 1]);
  const { publicationId: camera } = await ada.publishVideo();
  const { publicationId: voice, sender: microphone } = await ada.publishAudio({ dtx: false });
  microphone.speak(-20);
  await Promise.all(others.map((person) => person.setView({ videos: [tile(camera, 1280)] })));
  for (const person of others) {
    for (const id of [camera, voice]) expect((await flows(person, id)).stream.lost).toBe(0);
  }
  expect(status().total).toMatchObject({ producers: 2, consumers: 4, pipesIn: 4, pipesOut: 4 });
  await workersAgree(stage);
  // On each worker packets come in and go out, by transports or by pipes.
  await waitFor('the packets to be counted', () =>
    status().workers.every(
      ({ packetsIn, packetsOut, bytesOut }) => packetsIn > 20 && packetsOut > 20 && bytesOut > 9999,
    ),
  );
  await waitFor('the CPU to be measured', () =>
    status().workers.every(({ cpu, cpuSeconds }) => cpu > 0 && cpuSeconds > 0),
  );
});

test('layers, key frames and scores pass through a pipe', async () => {
  const ada = await joined('layers', 'ada');
  const bob = await joined('layers', 'bob');
  const { publicationId: camera, sender } = await ada.publishVideo();
  await waitFor('the camera to send', () => sender.streams.every(({ packets }) => packets > 0));
  const layerOf = () => stateOf('bob', camera)?.layers?.spatialLayer;
  for (const [width, layer] of [
    [320, 0],
    [1280, 2],
    [160, 0],
    [640, 1],
  ] as const) {
    const before = sender.keyFrames[layer] ?? 0;
    await bob.setView({ videos: [tile(camera, width)] });
    await waitFor(`layer ${layer}`, () => layerOf() === layer, { timeoutMs: 20_000 });
    // The switch to a layer needs a key frame of it, which was asked for from the far end of the pipe.
    expect(sender.keyFrames[layer], `key frames of layer ${layer}`).toBeGreaterThan(before);
    await flows(bob, camera);
  }
  expect(stateOf('bob', camera)).toMatchObject({ producerSends: true });
  sender.stop();
  await waitFor('the end of the packets to be seen', () => stateOf('bob', camera)?.producerSends === false);
  sender.start();
  await waitFor('packets to be seen again', () => stateOf('bob', camera)?.producerSends === true);
});

test('what is muted does not flow through a pipe, and what is unmuted does again', async () => {
  const ada = await joined('mute', 'ada');
  const bob = await joined('mute', 'bob');
  const { publicationId: voice, sender } = await ada.publishAudio({ dtx: false });
  sender.speak(-20);
  const reception = await flows(bob, voice);
  const mute = (muted: boolean) =>
    onServer('ada').updatePublication({ requestId: 'mute', publicationId: voice, muted });
  await mute(true);
  let last = packetsOf(reception);
  await waitFor(
    'silence',
    () => {
      const still = packetsOf(reception) === last;
      last = packetsOf(reception);
      return still;
    },
    { intervalMs: 200 },
  );
  await mute(false);
  await flows(bob, voice);
});

test('of many silent people whoever speaks is heard on all workers, through pipes made for it', async () => {
  const people: LoadParticipant[] = [];
  for (let index = 0; index < 12; index += 1) people.push(await joined('crowd', `person-${index}`));
  expect(status().workers.map(({ participants }) => participants)).toEqual([4, 4, 4]);
  const microphones = await Promise.all(people.map((person) => person.publishAudio({ dtx: false })));
  const [ada, ...others] = people;
  const [voice] = microphones;
  if (!ada || !voice) throw new Error('twelve have joined');
  voice.sender.speak(-20);
  for (const person of others) {
    await waitFor('the voice', () => packetsOf(person.receptionOf(voice.publicationId)) > 5);
  }
  await workersAgree(stage);
});

/** What Linux gives a link at most. */
const most = '/proc/sys/net/core/rmem_max';
const bufferBytes = existsSync(most) ? Number(readFileSync(most, 'utf8')) : 0;

/** How many packets Linux has thrown away since a worker did not read them, on each of its links to other workers. */
function droppedByLinks(pid: number): number[] {
  const people = stage.server.app.registry.rooms.flatMap((room) => room.participants);
  const clients = new Set(
    people.flatMap(({ recvTransport }) => recvTransport.info.iceCandidates.map(({ port }) => port)),
  );
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)));
  const [, ...sockets] = readFileSync('/proc/net/udp', 'utf8').trim().split('\n');
  return sockets.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [local = '', inode, drops] = [fields[1], fields[9], fields[12]];
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    return own.has(`socket:[${inode}]`) && !clients.has(port) ? [Number(drops)] : [];
  });
}

test.runIf(bufferBytes >= 4 * 1024 * 1024)(
  'a worker that stands still for a moment loses nothing of a pipe',
  async () => {
    const publishers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => joined('still', name)));
    const cameras = await Promise.all(publishers.map((person) => person.publishVideo()));
    const viewer = await joined('still', 'viewer');
    await viewer.setView({ videos: cameras.map(({ publicationId }) => tile(publicationId, 1280)) });
    for (const { publicationId } of cameras) await flows(viewer, publicationId);
    const pid = status().workers.find(({ participants }) => participants === 3)?.pid;
    // Not 0, which would be this process and all that belong to it.
    if (!pid) throw new Error('no worker has three participants');
    for (let time = 0; time < 3; time += 1) {
      // As long as a busy machine may take; its own clock is what this is about.
      process.kill(pid, 'SIGSTOP');
      await pass(200);
      process.kill(pid, 'SIGCONT');
      for (const { publicationId } of cameras) await flows(viewer, publicationId);
    }
    expect(droppedByLinks(pid)).toEqual([0, 0]);
  },
);
