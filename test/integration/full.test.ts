import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeCamera } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { type Joined, type Stage, setStage } from '../support/stage.ts';
import { workersAgree } from '../support/workerBooks.ts';

/** Servers and workers that take nobody more. */

async function camera(person: Joined): Promise<string> {
  return (await person.request('publish', fakeCamera(newRequestId()))).publicationId;
}

async function receives(person: Joined, publicationId: string): Promise<void> {
  await person.next('subscriptionsAdded', ({ subscriptions }) =>
    subscriptions.some((each) => each.publicationId === publicationId),
  );
}

const perWorker = ({ server }: Stage) => server.app.engine.status.workers.map(({ participants }) => participants);
/** On whichever worker: which of two equal ones has less to do is for their CPU to say. */
const placed = (stage: Stage) => perWorker(stage).reduce((sum, each) => sum + each, 0);

describe('a server whose workers have as many participants as they take', () => {
  const stage = setStage({ config: { workers: 2, workerMaxConsumers: 1, workerMaxParticipants: 1 } });

  test('takes nobody more, whichever room it is, and lets the calls go on that there are', async () => {
    const ada = await stage.joined('full', 'ada');
    const bob = await stage.joined('full', 'bob');
    const before = stage.server.app.engine.status.tally;
    for (const room of ['full', 'another']) {
      const eve = await stage.client(room, 'eve');
      await expect(eve.join()).rejects.toMatchObject({
        code: 'server-full',
        message: expect.stringContaining('try again'),
      });
      // Refused as often as it is tried, and let in as soon as there is a place.
      await expect(eve.join()).rejects.toMatchObject({ code: 'server-full' });
      eve.close();
    }
    expect(stage.server.app.engine.status.tally).toEqual(before);
    await receives(bob, await camera(ada));
    await receives(ada, await camera(bob));
    await workersAgree(stage);
    await bob.request('leave', {});
    await stage.joined('another', 'eve');
    expect(perWorker(stage)).toEqual([1, 1]);
    expect(stage.server.app.registry.rooms.map(({ name }) => name)).toEqual(['full', 'another']);
  });

  test('lets somebody in who comes again, in place of the former visit', async () => {
    await stage.joined('again', 'ada');
    const bob = await stage.joined('again', 'bob');
    await stage.joined('again', 'ada');
    expect(placed(stage), 'nobody stays behind in her place').toBe(2);
    await receives(bob, await camera(await stage.joined('again', 'ada')));
    expect(placed(stage)).toBe(2);
    await workersAgree(stage);
  });

  test('of those who come at once takes as many as there is room for', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, (_, index) => stage.client('rush', `person-${index}`)));
    const results = await Promise.allSettled(clients.map((client) => client.join()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(codes).toEqual(Array(6).fill('server-full'));
    await workersAgree(stage);
  });
});

describe('a worker that has no descriptors left', () => {
  const stage = setStage({ config: { workers: 2, workerMaxConsumers: 1 } });
  const refuses = {
    msg: 'a media worker refuses',
    err: { code: 'server-full', message: expect.stringContaining('ulimit -n') },
  };
  const limited = new Set<number>();
  const limit = (pid: number, files: number | string) =>
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`]);
  afterEach(() => {
    for (const pid of limited) limit(pid, 1024);
    limited.clear();
  });

  /** From now on it can open nothing more. */
  function exhaust(pid: number): void {
    limit(pid, 1);
    limited.add(pid);
  }

  test('is passed over: who would go there stays on a worker that has some, and lacks nothing', async () => {
    const ada = await stage.joined('descriptors', 'ada');
    const [, second = 0] = stage.server.app.engine.status.pids;
    exhaust(second);
    const bob = await stage.joined('descriptors', 'bob');
    expect(perWorker(stage)).toEqual([2, 0]);
    expect(stage.server.problems.splice(0)).toMatchObject([refuses]);
    await receives(bob, await camera(ada));
    await workersAgree(stage);
    limit(second, 1024);
    const eve = await stage.joined('descriptors', 'eve');
    expect(perWorker(stage)).toEqual([2, 1]);
    await receives(eve, await camera(bob));
    await workersAgree(stage);
  });

  test('does not keep people out where all workers are like that: links need descriptors, transports do not', async () => {
    const ada = await stage.joined('all', 'ada');
    for (const pid of stage.server.app.engine.status.pids) exhaust(pid);
    const others = await Promise.all(['b', 'c', 'd'].map((name) => stage.joined('all', name)));
    expect(perWorker(stage)).toEqual([4, 0]);
    const video = await camera(ada);
    await Promise.all(others.map((person) => receives(person, video)));
    const problems = stage.server.problems.splice(0);
    // Those who came at once share one attempt; each of them that was to go there is told of.
    expect(problems.length).toBeGreaterThan(0);
    expect(problems).toMatchObject(problems.map(() => refuses));
    await workersAgree(stage);
    // Another room needs no link either.
    await stage.joined('other', 'eve');
    expect(perWorker(stage)).toEqual([4, 1]);
  });
});
