import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { available, Network, probe } from '../support/network/index.ts';
import { waitFor } from '../support/waitFor.ts';

const library = fileURLToPath(new URL('../support/network/index.ts', import.meta.url));

describe.runIf(available('the tests of the test network'))('a network for tests', () => {
  let network: Network;

  beforeEach(() => {
    network = new Network();
  });
  afterEach(() => network.close());

  test('carries 5,000 packets a second with 50 ms each way, and loses none', async () => {
    const cable = await network.cable(network.namespace('near'), network.namespace('far'), { delayMs: 50 });
    const result = await probe(cable, { rate: 5000, seconds: 2 });
    expect(result).toMatchObject({ sent: 10_000, received: 10_000 });
    expect(result.p50Ms).toBeGreaterThanOrEqual(100);
    // The probe itself shares the machine with whatever else runs.
    expect(result.p50Ms).toBeLessThan(110);
  });

  test('loses the share that it was told, the same packets for the same seed', async () => {
    const lost: number[] = [];
    for (const end of ['a', 'b']) {
      const ends = [network.namespace(`near-${end}`), network.namespace(`far-${end}`)] as const;
      const cable = await network.cable(...ends, { delayMs: 1, loss: 0.1 });
      await probe(cable, { rate: 2000, seconds: 1 });
      lost.push((await cable.counts()).there.lost);
    }
    expect(lost[0]).toBeGreaterThan(150);
    expect(lost[0]).toBeLessThan(250);
    // A neighbour discovery packet of the kernel's more or less may be counted, too.
    expect(Math.abs((lost[1] ?? 0) - (lost[0] ?? 0))).toBeLessThan(3);
  });

  test('changes its quality while it is used', async () => {
    const cable = await network.cable(network.namespace('near'), network.namespace('far'), { delayMs: 5 });
    expect((await probe(cable, { rate: 100, seconds: 0.5 })).p50Ms).toBeLessThan(30);
    await cable.set({ delayMs: 40, jitterMs: 20 });
    const { p50Ms, received } = await probe(cable, { rate: 100, seconds: 0.5 });
    expect(p50Ms).toBeGreaterThan(80);
    expect(received).toBe(50);
    await cable.set({ loss: 1 });
    expect((await probe(cable, { rate: 100, seconds: 0.5 })).received).toBe(0);
  });

  test('has addresses that are not loopback, and nothing of it is seen outside', () => {
    const alone = network.namespace('alone');
    alone.addAddress('10.77.0.1/24');
    const addresses = JSON.parse(alone.run('ip', '-json', '-4', 'address', 'show', 'up')) as { ifname: string }[];
    expect(addresses.map(({ ifname }) => ifname)).toEqual(expect.arrayContaining(['lo', 'veth0']));
    expect(namespacesOf(process.pid)).toHaveLength(1);
    network.close();
    expect(namespacesOf(process.pid)).toHaveLength(0);
  });
});

describe.runIf(available('the tests of how a test network ends'))('a process that made a network', () => {
  async function start(then = '') {
    const code = `
      import { Network } from ${JSON.stringify(library)};
      const network = new Network();
      const [near, far] = [network.namespace('near'), network.namespace('far')];
      await network.cable(near, far, { delayMs: 5 });
      near.spawn('sleep', ['60'], { stdio: 'ignore' });
      console.log('ready');
      ${then}
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    return child;
  }

  test.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind after %s', async (signal) => {
    const child = await start();
    expect(namespacesOf(child.pid)).toHaveLength(2);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    expect(namespacesOf(child.pid)).toHaveLength(0);
  });

  test('leaves nothing behind after an error', async () => {
    const child = await start("setTimeout(() => { throw new Error('on purpose'); }, 50);");
    await once(child, 'exit');
    expect(namespacesOf(child.pid)).toHaveLength(0);
  });

  test('that was killed leaves what the next one sweeps', async () => {
    const child = await start();
    child.kill('SIGKILL');
    await once(child, 'exit');
    new Network().close();
    await waitFor('the sweep', () => namespacesOf(child.pid).length === 0);
  });
});

function namespacesOf(pid: number | undefined): string[] {
  return readdirSync('/run/netns').filter((name) => name.startsWith(`plenum-${pid}-`));
}
