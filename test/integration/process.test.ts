import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { flagOf, hasFlag, variableOf } from '../../src/config.ts';
import { names } from '../support/optionExamples.ts';
import { RawClient } from '../support/RawClient.ts';
import { ServerProcess, type ServerProcessOptions } from '../support/ServerProcess.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** The process as a whole: how it starts and how it ends. */

const started: ServerProcess[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.cleanUp();
});

function start(options?: ServerProcessOptions): ServerProcess {
  const server = new ServerProcess(options);
  started.push(server);
  return server;
}

const noWorkers = (server: ServerProcess) => waitFor('the workers to end', () => server.workers().length === 0);

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server: Server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}

const hasIpv6 = await canListen(0, '::1');

async function somebodyIn(server: ServerProcess): Promise<RawClient> {
  const url = await server.ready();
  const token = await createAccessToken(testSecret, { room: 'meeting', identity: 'ada' });
  const ada = await RawClient.connect(url.replace('localhost', '127.0.0.1'), token);
  await ada.join();
  return ada;
}

const withSecret = { PLENUM_TOKEN_SECRET: testSecret };

test('the server is ready on both addresses of localhost', async () => {
  const server = start();
  const url = await server.ready();
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  for (const address of ['127.0.0.1', ...(hasIpv6 ? ['[::1]'] : [])]) {
    const answer = await fetch(`${url.replace('localhost', address)}/ready`);
    expect(await answer.json()).toEqual({ status: 'ready' });
  }
  expect(server.workers()).toHaveLength(2);
  expect(server.problems()).toEqual([]);
});

test("the log says where operators look, and strangers find none of it at the server's own port", async () => {
  const server = start();
  const url = (await server.ready()).replace('localhost', '127.0.0.1');
  const adminUrl = await server.adminUrl();
  expect(new URL(adminUrl).port).not.toBe(new URL(url).port);
  expect(await (await fetch(`${adminUrl}/metrics`)).text()).toContain('\nplenum_workers 2\n');
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
  expect(server.problems()).toEqual([]);
});

/** After SIGTERM meetings go on for a while: see draining.test.ts. */
describe('a signal ends it cleanly', () => {
  const cases: [string, NodeJS.Signals, boolean, string[]][] = [
    ['SIGTERM to the server alone, which is to wait for nobody', 'SIGTERM', false, ['--drain-seconds', '0']],
    ['SIGINT to the server alone', 'SIGINT', false, []],
    ['SIGHUP to the server alone', 'SIGHUP', false, []],
    ['SIGINT to its process group', 'SIGINT', true, []],
    ['SIGTERM to its process group, which is to wait for nobody', 'SIGTERM', true, ['--drain-seconds', '0']],
  ];
  test.each(cases)('%s, with somebody in a meeting', async (_what, signal, group, args) => {
    const server = start({ detached: true, env: withSecret, args });
    const ada = await somebodyIn(server);
    const port = Number(new URL(await server.ready()).port);
    const { code, after } = await server.end(() => process.kill(group ? -server.pid : server.pid, signal));
    expect(code).toBe(0);
    expect(after).toBeLessThan(3000);
    expect(server.workers()).toEqual([]);
    expect(await canListen(port, '127.0.0.1')).toBe(true);
    if (hasIpv6) expect(await canListen(port, '::1')).toBe(true);
    expect(server.problems()).toEqual([]);
    expect(await ada.next('roomClosed')).toMatchObject({ reason: 'server-stopping', rejoin: true });
  });

  test('a second SIGINT at once does no harm', async () => {
    const server = start({ detached: true, env: withSecret });
    await somebodyIn(server);
    const { code, after } = await server.end(() => {
      process.kill(-server.pid, 'SIGINT');
      process.kill(server.pid, 'SIGINT');
      process.kill(server.pid, 'SIGTERM');
    });
    expect(code).toBe(0);
    expect(after).toBeLessThan(3000);
    expect(server.workers()).toEqual([]);
    expect(server.problems()).toEqual([]);
  });

  test('a stopped worker does not keep it', async () => {
    const server = start();
    await server.ready();
    const [worker] = server.workers();
    if (worker !== undefined) process.kill(worker, 'SIGSTOP');
    const { code, after } = await server.end(() => process.kill(server.pid, 'SIGTERM'));
    expect(code).toBe(0);
    expect(after).toBeLessThan(3000);
    expect(server.workers()).toEqual([]);
  });

  test('SIGTERM with nobody in a meeting ends it at once', async () => {
    const server = start();
    await server.ready();
    const { code, after } = await server.end(() => process.kill(server.pid, 'SIGTERM'));
    expect(code).toBe(0);
    expect(after).toBeLessThan(2000);
  });

  test('while it is still starting', async () => {
    const server = start({ args: ['--workers', '4'] });
    await waitFor('its first worker', () => server.workers().length > 0, { intervalMs: 5 });
    const { after } = await server.end(() => process.kill(server.pid, 'SIGTERM'));
    expect(after).toBeLessThan(3000);
    await noWorkers(server);
  });
});

test('when the server is killed its workers end by themselves', async () => {
  const server = start();
  await server.ready();
  expect(server.workers()).toHaveLength(2);
  const { signal } = await server.end(() => process.kill(server.pid, 'SIGKILL'));
  expect(signal).toBe('SIGKILL');
  await noWorkers(server);
});

test('when the program that started it goes away, it ends', async () => {
  const server = start({ ipc: true });
  await server.ready();
  const { code, after } = await server.end(() => server.child.disconnect());
  expect(code).toBe(0);
  expect(after).toBeLessThan(3000);
  expect(server.workers()).toEqual([]);
});

describe('a start that fails says why, ends with 1 and leaves no worker', () => {
  async function fails(options: ServerProcessOptions, ...says: (string | RegExp)[]): Promise<void> {
    const server = start(options);
    const { code } = await server.end();
    for (const text of says) expect(server.output).toMatch(text);
    expect(server.output).not.toMatch(/^\s+at /m);
    expect(server.output).not.toMatch('Plenum is ready');
    expect(code).toBe(1);
    await noWorkers(server);
  }

  async function withTakenPort(host: string, work: (port: number) => Promise<void>): Promise<void> {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, host, resolve));
    const address = taken.address();
    try {
      await work(typeof address === 'object' && address ? address.port : 0);
    } finally {
      taken.close();
    }
  }

  test.each(['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])])('the port is in use on %s', async (host) => {
    await withTakenPort(host, (port) =>
      fails({ args: ['--port', String(port)] }, String(port), 'in use', 'PLENUM_PORT'),
    );
  });

  test("the operators' port is in use", async () => {
    await withTakenPort('127.0.0.1', (port) =>
      fails({ args: ['--admin-port', String(port)] }, String(port), 'in use', 'PLENUM_ADMIN_PORT'),
    );
  });

  test('the media port is in use', async () => {
    await withTakenPort('127.0.0.1', (port) =>
      fails({ args: ['--rtc-port', String(port)] }, String(port), 'PLENUM_RTC_PORT'),
    );
  });

  test('a second server on the same ports', async () => {
    const first = start();
    const { port } = new URL(await first.ready());
    await fails({ args: ['--port', port] }, port, 'in use');
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });

  test.each<[string, string[], string[]]>([
    [
      'wrong values, each with its name and what would be right',
      ['--port', 'many', '--rtc-port', '65536', '--workers', '0', '--log-level', 'loud', '--token-secret', 'x'],
      [
        '--port is "many"; it must be a whole number from 0 to 65535',
        '--rtc-port is "65536"',
        '--workers is "0"; it must be a whole number from 1 to 256',
        '--log-level is "loud"; it must be debug, info',
        '--token-secret is no flag',
        'PLENUM_TOKEN_SECRET',
      ],
    ],
    ['a flag without its value', ['--host'], ['--host needs a value']],
    ['an unknown flag', ['--prot', '80'], ['--prot is no option; did you mean --port?']],
    ['a certificate without its key', ['--tls-cert', 'x.pem'], ['PLENUM_TLS_CERT and PLENUM_TLS_KEY']],
    ['a certificate that is not there', ['--tls-cert', '/no/x.pem', '--tls-key', '/no/x.key'], ['/no/x.pem']],
    ['a certificate that is none', ['--tls-cert', '/dev/null', '--tls-key', '/dev/null'], ['PLENUM_TLS_CERT']],
    ['an open address without a secret', ['--host', '0.0.0.0'], ['PLENUM_TOKEN_SECRET is missing', '--open']],
    ['an address of another machine', ['--host', '203.0.113.7', '--open'], ['203.0.113.7', 'PLENUM_HOST']],
    ['media ports beyond the last', ['--rtc-port', '65535'], ['PLENUM_RTC_PORT is 65535', 'lower']],
  ])('%s', async (_what, args, says) => {
    await fails({ args }, ...says);
  });

  test('wrong variables, with name and value', async () => {
    const env = { PLENUM_MAX_PARTICIPANTS: '-3', PLENUM_TOKEN_SECRET: 'hunter2' };
    await fails({ env }, 'PLENUM_MAX_PARTICIPANTS is "-3"', '1 to 100000', /^(?![\s\S]*hunter2)[\s\S]*32 bytes/);
  });

  test.each([
    ['that does not exist', '/nowhere/mediasoup-worker'],
    ['that is a folder', '/tmp'],
    ['that is no program', '/etc/hostname'],
    ['that is another program', '/bin/true'],
  ])('a worker %s', async (_what, bin) => {
    await fails({ env: { MEDIASOUP_WORKER_BIN: bin } }, 'worker does not start', 'MEDIASOUP_WORKER_BIN');
  });
});

test('an unknown variable is told of, with the nearest known, and does no harm', async () => {
  const server = start({ env: { PLENUM_PROT: '80' } });
  await server.ready();
  expect(server.problems()).toMatchObject([{ msg: 'PLENUM_PROT is no option of Plenum; did you mean PLENUM_PORT?' }]);
});

test('--help prints every option with its default', async () => {
  const server = start({ args: ['--help'] });
  expect((await server.end()).code).toBe(0);
  for (const name of names) {
    if (hasFlag(name)) expect(server.output).toMatch(flagOf(name));
    expect(server.output).toMatch(variableOf(name));
  }
  expect(server.output.match(/Default: \S/g)).toHaveLength(names.length);
  expect(server.output).toMatch(/PLENUM_PORT\n.*\n\s+Default: 3000/);
});

test('a public address with a secret is fine; with a secret the door is closed anywhere, unless it is opened', async () => {
  const closed = start({ args: ['--host', '0.0.0.0'], env: withSecret });
  const local = start({ env: withSecret });
  const opened = start({ args: ['--host', '0.0.0.0', '--open'], env: withSecret });
  for (const [server, status] of [
    [closed, 403],
    [local, 403],
    [opened, 200],
  ] as const) {
    const answer = await fetch(`${await server.ready()}/api/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room: 'r', name: 'Ada' }),
    });
    expect(answer.status).toBe(status);
    expect(server.output.includes('the door is open')).toBe(status === 200);
  }
});
