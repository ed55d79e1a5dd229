import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchSourcePackage, whyNoSourceTools } from './debian-source.mjs';
import { run } from './processes.mjs';
import { startStep } from './progress.mjs';

// libsrtp 2.5 names its options so; the last two are their names from 2.6 on.
const OPTIONS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DCMAKE_INSTALL_LIBDIR=lib',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DENABLE_OPENSSL=ON',
  '-DTEST_APPS=OFF',
  '-DBUILD_WITH_WARNINGS=OFF',
  '-DLIBSRTP_TEST_APPS=OFF',
  '-DENABLE_WARNINGS=OFF',
];

/**
 * The libsrtp for a worker that is built here.
 *
 * @typedef {{ dir: string, version: string } | { why: string }} Libsrtp a folder with `include/` and `lib/libsrtp2.a` on
 *   OpenSSL; or why there is none, and the system's own is taken
 */

/**
 * Builds libsrtp 2 on OpenSSL from its Debian source package. With it a worker sends a quarter more packets
 * per core with AES-GCM, and more than half as many again with AES-CM, than with Debian's own build, which is on NSS and
 * is taken where the source cannot be had.
 *
 * @param {string} temp
 * @param {NodeJS.ProcessEnv} env of the build
 * @returns {Promise<Libsrtp>}
 */
export async function bringLibsrtp(temp, env) {
  const noTools = await whyNoSourceTools();
  const step = startStep("Building libsrtp on OpenSSL from Debian's source package");
  const result = noTools === null ? await fetchAndBuild(temp, env) : { why: noTools };
  if ('why' in result) step.failed(`${result.why}; the worker gets the system's libsrtp, which is slower`);
  else step.done(result.version);
  return result;
}

/**
 * @param {string} temp
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Libsrtp>}
 */
async function fetchAndBuild(temp, env) {
  const fetched = join(temp, 'libsrtp-source');
  const source = await fetchSourcePackage('libsrtp2', fetched);
  const result = 'why' in source ? source : await build(source, temp, env);
  // The lists of packages take 20 MB, which the worker's build may need.
  rmSync(fetched, { recursive: true, force: true });
  return result;
}

/**
 * @param {{ dir: string, version: string }} source
 * @param {string} temp
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Libsrtp>}
 */
async function build(source, temp, env) {
  const dir = join(temp, 'libsrtp');
  const buildDir = join(temp, 'libsrtp-build');
  const configure = ['-G', 'Ninja', '-S', source.dir, '-B', buildDir, `-DCMAKE_INSTALL_PREFIX=${dir}`, ...OPTIONS];
  let result = await run('cmake', configure, { env });
  if (result.code === 0) result = await run('cmake', ['--build', buildDir, '--target', 'install'], { env });
  if (result.code !== 0) {
    const line = result.output.split('\n').find((text) => /\berror\b/i.test(text));
    return { why: `libsrtp ${source.version} cannot be built: ${line?.trim() ?? `exit code ${result.code}`}` };
  }
  // A libsrtp that did not know the option would be built without complaint on its own AES, and without GCM.
  if (!readFileSync(join(dir, 'lib', 'libsrtp2.a')).includes('EVP_aes_256_gcm')) {
    return { why: `libsrtp ${source.version} was built without OpenSSL` };
  }
  return { dir, version: source.version };
}
