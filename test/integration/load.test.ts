import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createContext, LoadMeeting } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import { signedTokens } from '../load/meeting/tokens.ts';
import { type LoadReport, loadReport } from '../load/report.ts';
import { LoadProcess, runLoad } from '../support/LoadProcess.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage({ config: { maxParticipants: 6 } });
const context = await createContext();
const visits: { close(): Promise<void> }[] = [];

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  for (const visit of visits.splice(0)) await visit.close();
});

function reportOf(stdout: string): LoadReport {
  return loadReport.parse(JSON.parse(stdout));
}

test('everybody gets packets from all publishers, none is lost, and the report says so in JSON', async () => {
  const { code, stdout, stderr } = await runLoad(
    ...['--url', stage.server.url, '--room', 'crowd', '--json', '--seconds', '3'],
    ...['--publishers', '2', '--subscribers', '3', '--ramp', '10/s', '--view', '9'],
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const report = reportOf(stdout);
  expect(report).toMatchObject({
    joined: 5,
    failed: 0,
    failures: {},
    packetsLost: 0,
    lossRatio: 0,
    interrupted: false,
  });
  // Camera and microphone of the other publisher, or of both.
  const streamsOf = (name: string) => report.streams.filter(({ participant }) => participant === name);
  expect(['load-1', 'load-2', 'load-3', 'load-4', 'load-5'].map((name) => streamsOf(name).length)).toEqual([
    2, 2, 4, 4, 4,
  ]);
  for (const stream of report.streams.filter(({ kind }) => kind === 'video')) {
    expect(stream.packets, 'about 70 packets a second of the middle encoding').toBeGreaterThan(100);
    expect(stream.lost).toBe(0);
  }
  expect(report.seconds).toBeGreaterThanOrEqual(3);
  expect(report.joinMs.p50).toBeGreaterThan(0);
  expect(report.firstPacketMs.p50).toBeGreaterThan(report.joinMs.p50 ?? 0);
  expect(report.latencyMs.p50).toBeGreaterThan(0);
  expect(report.latencyMs.p50).toBeLessThan(100);
  expect(report.bitrateOut, 'two cameras in three sizes').toBeGreaterThan(2 * 1_500_000);
  expect(report.clientCpuSeconds).toBeGreaterThan(0);
});

test('Ctrl-C ends it with the report', async () => {
  const load = new LoadProcess(['--url', stage.server.url, '--room', 'cut', '--json', '--publishers', '1']);
  await waitFor('the progress', () => load.stderr.includes('4 of 4 joined'), { timeoutMs: 20_000 });
  load.child.kill('SIGINT');
  const { code, stdout } = await load.outcome;
  expect(code).toBe(0);
  expect(reportOf(stdout)).toMatchObject({ joined: 4, interrupted: true });
});

test('people get the same in words', async () => {
  const { code, stdout } = await runLoad(
    ...['--url', stage.server.url, '--publishers', '1', '--subscribers', '1', '--seconds', '1'],
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Joined 2, failed 0; measured 1\.\d s/);
  expect(stdout).toMatch(/^through the server, ms +\d+\.\d +\d+\.\d +\d+\.\d$/m);
  expect(stdout).toMatch(/^Loss 0 of /m);
  expect(stdout).toMatch(/^CPU of this client .* of a core\)/m);
});

test('who does not fit into the room is counted with the reason', async () => {
  const { code, stdout } = await runLoad(
    ...['--url', stage.server.url, '--json', '--publishers', '1', '--subscribers', '8', '--seconds', '1'],
  );
  expect(code).toBe(0);
  const { joined, failed, failures } = reportOf(stdout);
  expect({ joined, failed }).toEqual({ joined: 6, failed: 3 });
  expect(Object.entries(failures)).toEqual([[expect.stringContaining('room-full: '), 3]]);
});

test('a server that is not there: all failed, a message, and an exit code', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
      else reject(new Error('no port'));
    });
  });
  await new Promise((resolve) => server.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  const { code, stdout, stderr } = await runLoad('--url', url, '--json', '--seconds', '1');
  expect(code).toBe(1);
  expect(reportOf(stdout)).toMatchObject({ joined: 0, failed: 5 });
  expect(stderr).toContain(`Nobody joined ${url}: disconnected: ${url} cannot be reached (ECONNREFUSED)`);
});

test.each([
  [['--publisher', '3'], '--publisher is no option; did you mean --publishers?'],
  [['--seconds', 'long'], '--seconds is "long"; it must be seconds from 1 to 86400.'],
  [['--ramp', '0/s'], '--ramp is "0/s"; it must be a rate from 0.1/s to 1000/s, such as 20/s.'],
  [['--url', 'localhost'], '--url is "localhost"; it must be an address such as http://localhost:3000.'],
  [['--token-secret', 'short'], '--token-secret is (not shown); it must be a secret of at least 32 bytes.'],
  [['--view'], '--view needs a value: a whole number from 0 to 250.'],
  [['fast'], '"fast" is no option'],
  [['--publishers', '0', '--subscribers', '0'], 'Nobody would join'],
  [['--url', 'https://meet.example.com'], 'https://meet.example.com is not on this machine'],
])('%j is refused', async (args, message) => {
  const { code, stdout, stderr } = await runLoad(...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(message);
});

async function join(room: string, identity: string): Promise<LoadParticipant> {
  const token = await signedTokens(testSecret)(room, identity);
  const participant = await LoadParticipant.join(context, { url: stage.server.url, token });
  visits.push(participant);
  return participant;
}

test("the server hears from its receivers: reports, times, and the bandwidth's estimate", async () => {
  const token = signedTokens(testSecret);
  const meeting = new LoadMeeting(context, { url: stage.server.url, room: 'reports', token, transportCc: true });
  visits.push(meeting);
  await meeting.ramp(['publisher', 'subscriber'], 100);
  const subscriber = meeting.participants.find(({ role }) => role === 'subscriber')?.participant;
  await waitFor('pictures', async () => {
    const video = [...(subscriber?.receptions ?? [])].find(({ subscription }) => subscription.kind === 'video');
    return video && video.keyFrameAt > 0 && video.stream.packets > 100;
  });
  const subscriptions = subscriber?.receptions.map(({ subscription }) => subscription.subscriptionId);
  const consumers = stage.consumers.filter(({ id }) => subscriptions?.includes(id));
  expect(consumers.map(({ kind }) => kind).toSorted()).toEqual(['audio', 'video']);
  for (const consumer of consumers) {
    const outbound = await waitFor('a report with a round trip', async () => {
      const stats = (await consumer.getStats()).find(({ type }) => type === 'outbound-rtp');
      return stats?.roundTripTime ? stats : undefined;
    });
    expect(outbound).toMatchObject({ packetsLost: 0, fractionLost: 0 });
    expect(outbound.roundTripTime).toBeLessThan(500);
  }
  expect(meeting.totals.lost).toBe(0);
});

test('a camera makes a key frame when the server asks, and stops what nobody watches', async () => {
  const ada = await join('layers', 'ada');
  const { publicationId, sender: camera } = await ada.publishVideo();
  const bob = await join('layers', 'bob');
  expect(bob.roster.videos.map((video) => video.publicationId)).toEqual([publicationId]);
  const before = camera.keyFrames[2] ?? 0;
  await bob.setView({ videos: [{ publicationId, width: 1280, height: 720 }] });
  const reception = await waitFor('a picture', () => {
    const found = bob.receptionOf(publicationId);
    return found && found.keyFrameAt > 0 ? found : undefined;
  });
  expect(reception.stream.lost).toBe(0);
  await waitFor('a key frame of the largest encoding, on request', () => (camera.keyFrames[2] ?? 0) > before);
  camera.wantLayers(0);
  expect(camera.sending).toEqual([true, false, false]);
  await ada.unpublish(publicationId);
  await waitFor('the subscription to go', () => bob.receptionOf(publicationId) === undefined);
  expect(bob.receptions).toEqual([reception]);
});

test.each([20, 60] as const)('a first word in packets of %i ms is heard, also out of silence', async (frameMs) => {
  const ada = await join('words', 'ada');
  const { publicationId, sender: microphone } = await ada.publishAudio({ frameMs });
  const bob = await join('words', 'bob');
  const reception = await waitFor('silence', () => {
    const found = bob.receptionOf(publicationId);
    return found && found.stream.packets > 0 ? found : undefined;
  });
  microphone.speak(-20);
  const firstWordAt = await waitFor('the first word to leave', () => microphone.firstWordAt);
  await waitFor('the word to come', () => reception.stream.lastAt > firstWordAt);
  const packets = reception.stream.packets;
  const since = performance.now();
  await waitFor('ten packets more', () => reception.stream.packets >= packets + 10);
  const took = performance.now() - since;
  expect(took / 10).toBeGreaterThan(frameMs * 0.6);
});
