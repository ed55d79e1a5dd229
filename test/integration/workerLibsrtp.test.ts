import { appendFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BootstrapProject } from '../support/BootstrapProject.ts';
import { hasSourceTools, makeMirror } from '../support/sourceMirror.ts';

// Which libsrtp a worker gets that is built here. apt is the machine's own, told to look at a mirror in a folder.
const worker = process.env.MEDIASOUP_WORKER_BIN;
if (!worker) throw new Error('MEDIASOUP_WORKER_BIN is not set: run the tests with npm test');

const ON_OPENSSL = 'void EVP_aes_256_gcm(void); void srtp_init(void) { EVP_aes_256_gcm(); }';
const ON_ITS_OWN = 'void srtp_init(void) {}';

let project: BootstrapProject;
let mirror: string;

beforeEach(() => {
  project = new BootstrapProject('process.exit(0);');
  mirror = join(project.dir, 'mirror');
  mkdirSync(mirror);
});

afterEach(() => project.close());

/** Lets apt believe that this is all of the machine's configuration of mirrors. */
function aptWith(sources: { name: string; text: string } | null): NodeJS.ProcessEnv {
  const parts = join(project.dir, 'sources.list.d');
  mkdirSync(parts);
  if (sources) writeFileSync(join(parts, sources.name), sources.text);
  const config = join(project.dir, 'host-apt.conf');
  writeFileSync(config, `Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "${parts}";\n`);
  return { APT_CONFIG: config };
}

function bringLibsrtp(env: NodeJS.ProcessEnv): Promise<{ result: unknown; log: string }> {
  mkdirSync(join(project.dir, 'temp'), { recursive: true });
  return project.evaluate(
    `
    import { bringLibsrtp } from './deploy/bootstrap/libsrtp.mjs';
    console.log(JSON.stringify(await bringLibsrtp(process.cwd() + '/temp', process.env)));
  `,
    env,
  );
}

describe.skipIf(!hasSourceTools())('libsrtp for a worker that is built here', () => {
  it('is built on OpenSSL from the source package of the mirrors that this machine has, and nothing else is kept', async () => {
    makeMirror(mirror, ON_OPENSSL);
    const text = `Types: deb\nURIs: file:${mirror}\nSuites: ./\nTrusted: yes\n`;
    const { result, log } = await bringLibsrtp(aptWith({ name: 'debian.sources', text }));
    expect(result).toEqual({ dir: join(project.dir, 'temp', 'libsrtp'), version: '2.99' });
    expect(log).toContain("Building libsrtp on OpenSSL from Debian's source package: 2.99");
    expect(readdirSync(join(project.dir, 'temp', 'libsrtp', 'lib'))).toContain('libsrtp2.a');
    expect(readdirSync(join(project.dir, 'temp')).sort()).toEqual(['libsrtp', 'libsrtp-build']);
  });

  it.each([
    ['there is no mirror', null, /apt knows no mirror/],
    [
      'the mirror does not answer',
      // Nothing listens there.
      { name: 'x.list', text: 'deb http://127.0.0.1:9/debian stable main\n' },
      /Failed to fetch .*127\.0\.0\.1/,
    ],
    ['the disc is all there is', { name: 'x.list', text: 'deb cdrom:[Debian]/ stable main\n' }, /apt knows no mirror/],
  ])("is the system's where %s, and the log says so in one line", async (_name, sources, why) => {
    const { result, log } = await bringLibsrtp(aptWith(sources));
    expect(result).toEqual({ why: expect.stringMatching(why) });
    const told = log.split('\n').filter((line) => line.includes("the worker gets the system's libsrtp"));
    expect(told).toEqual([expect.stringMatching(why)]);
  });

  it('is never built from what is not signed, or not what was signed', async () => {
    makeMirror(mirror, ON_OPENSSL);
    const env = aptWith({ name: 'x.list', text: `deb file:${mirror} ./\n` });
    expect((await bringLibsrtp(env)).result).toEqual({ why: expect.stringMatching(/Release/) });

    appendFileSync(join(mirror, 'libsrtp2_2.99.tar.xz'), 'x');
    writeFileSync(join(project.dir, 'sources.list.d', 'x.list'), `deb [trusted=yes] file:${mirror} ./\n`);
    const { result } = await bringLibsrtp(env);
    expect(result).toEqual({ why: expect.stringMatching(/mismatch|unexpected size/i) });
  });

  it.each([
    ['cannot be compiled', 'not C', /libsrtp 2\.99 cannot be built: .*error/],
    ['has no OpenSSL in it all the same', ON_ITS_OWN, /libsrtp 2\.99 was built without OpenSSL/],
  ])("is the system's where the source %s", async (_name, code, why) => {
    makeMirror(mirror, code);
    const env = aptWith({ name: 'x.list', text: `deb [trusted=yes] file:${mirror} ./\n` });
    expect((await bringLibsrtp(env)).result).toEqual({ why: expect.stringMatching(why) });
  });
});

describe('the sources of this machine', () => {
  it('are taken over with their options and keys, for source packages only', async () => {
    const files = {
      'a.sources':
        'Types: deb\nURIs: http://a\nSigned-By: /k.gpg\n\n# Types: deb\ntypes: deb deb-src\nURIs: http://b\n',
      'b.sources': '# nothing\n',
      'c.list':
        '# deb http://c\ndeb [arch=amd64 signed-by=/k.gpg] http://d stable main # why\ndeb cdrom:[x]/ stable main\n' +
        'deb http://e stable main\n deb-src http://e stable main\n\n',
      'd.list': '',
    };
    const { result } = await project.evaluate(`
      import { toSourceEntries } from './deploy/bootstrap/debian-source.mjs';
      const files = ${JSON.stringify(files)};
      console.log(JSON.stringify(Object.entries(files).map((file) => toSourceEntries(...file))));
    `);
    expect(result).toEqual([
      'Types: deb-src\nURIs: http://a\nSigned-By: /k.gpg\n\n# Types: deb\nTypes: deb-src\nURIs: http://b\n',
      '',
      'deb-src [arch=amd64 signed-by=/k.gpg] http://d stable main # why\ndeb-src http://e stable main\n',
      '',
    ]);
  });
});

describe('a worker in the cache', () => {
  /** Puts the tests' worker where the bootstrap looks for one, as if it had been built with this libsrtp. */
  async function cacheWorker(libsrtp: object): Promise<string> {
    mkdirSync(join(project.dir, 'made'));
    const { result } = await project.evaluate(`
      import { mkdirSync } from 'node:fs';
      import { dirname } from 'node:path';
      import { workerPath } from './deploy/bootstrap/worker.mjs';
      import { keepOrigin, noteOrigin } from './deploy/bootstrap/worker-origin.mjs';
      const bin = workerPath('3.27.1');
      mkdirSync(dirname(bin), { recursive: true });
      noteOrigin('made', ${JSON.stringify(libsrtp)});
      keepOrigin('made', dirname(bin));
      console.log(JSON.stringify(bin));
    `);
    const bin = String(result);
    symlinkSync(worker ?? '', bin);
    return dirname(bin);
  }

  it("is used as it is with the system's libsrtp, and the log says why it is slower and how to try again", async () => {
    const dir = await cacheWorker({ why: 'apt knows no mirror' });
    const running = project.bootstrap([], { MEDIASOUP_WORKER_BIN: '' });
    expect(await running.ended, running.output()).toBe(0);
    expect(running.output()).toContain("built with the system's libsrtp, which is slower (apt knows no mirror)");
    expect(running.output()).toContain(`rm -r ${dir}`);
    expect(running.output()).not.toContain('Building the mediasoup worker');
  });

  it('is used without a word with libsrtp on OpenSSL', async () => {
    await cacheWorker({ dir: '/anywhere', version: '2.5.0-3' });
    const running = project.bootstrap([], { MEDIASOUP_WORKER_BIN: '' });
    expect(await running.ended, running.output()).toBe(0);
    expect(running.output()).toBe('');
  });
});
