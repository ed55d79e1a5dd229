import { accessSync, constants, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { isOnPath, run } from './processes.mjs';

// A mirror that does not answer; and all of one command, however slowly data comes.
const SILENCE_SECONDS = 10;
const LIMIT_SECONDS = 90;
// apt reads no other files of its folder of sources.
const SOURCES_FILE = /^[\w.-]+\.(list|sources)$/;

/** @typedef {{ dir: string, version: string } | { why: string }} SourcePackage where it lies, or why it cannot be had */

/**
 * Fetches the newest version of a Debian source package from the mirrors for which this machine's apt is set up, and
 * unpacks it with Debian's patches. apt checks the signatures as always. It works in `temp` alone, so that root is not
 * needed and the machine's own lists and configuration stay as they are.
 *
 * @param {string} name
 * @param {string} temp
 * @returns {Promise<SourcePackage>}
 */
export async function fetchSourcePackage(name, temp) {
  if (!isOnPath('apt-get')) return { why: 'this system has no apt-get' };
  const unpacked = join(temp, 'unpacked');
  for (const folder of ['parts', 'lists', 'cache', 'unpacked']) mkdirSync(join(temp, folder), { recursive: true });
  const count = await copySources(join(temp, 'parts'));
  if (count === 0) return { why: 'apt knows no mirror' };

  const config = join(temp, 'apt.conf');
  writeFileSync(config, aptConfig(temp));
  // The exit code does not tell: it is 0 without a single list, and 100 where only a mirror of something else is gone.
  const update = await aptGet(config, ['update'], unpacked);
  const source = await aptGet(config, ['source', '--only-source', name], unpacked);
  if (source.code !== 0) return { why: firstProblem(update) ?? firstProblem(source) ?? 'apt-get source failed' };
  return inspect(unpacked, name);
}

/**
 * dpkg-dev unpacks source packages. Without it the rest goes on, and so it is no failure where it cannot be installed.
 *
 * @returns {Promise<string | null>} why there is none, or null
 */
export async function whyNoSourceTools() {
  try {
    await ensurePackages([{ name: 'dpkg-dev', command: 'dpkg-source' }], {
      label: "Installing Debian's tool for source packages",
      what: 'source packages cannot be unpacked.',
    });
    return null;
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    return error.why.split('\n')[0] ?? error.message;
  }
}

/**
 * The machine's own sources, with source packages in place of programs.
 *
 * @param {string} target a folder
 * @returns {Promise<number>} how many files there are in it now
 */
async function copySources(target) {
  const query = await run('apt-config', [
    'shell',
    'list',
    'Dir::Etc::sourcelist/f',
    'parts',
    'Dir::Etc::sourceparts/d',
  ]);
  const list = /^list='(.*)'$/m.exec(query.output)?.[1];
  const parts = /^parts='(.*)'$/m.exec(query.output)?.[1];
  const isFolder = parts && statSync(parts, { throwIfNoEntry: false })?.isDirectory();
  const names = isFolder ? readdirSync(parts).filter((name) => SOURCES_FILE.test(name)) : [];
  const files = names.map((name) => ({ name, path: join(parts ?? '', name) }));
  if (list) files.push({ name: 'main.list', path: list });

  const copies = files
    .filter(({ path }) => isReadable(path))
    .map(({ name, path }) => ({ name, text: toSourceEntries(name, readFileSync(path, 'utf8')) }))
    .filter(({ text }) => text !== '');
  for (const { name, text } of copies) writeFileSync(join(target, name), text);
  return copies.length;
}

/** @param {string} path */
function isReadable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    // apt passes over what this user may not read, too.
    return false;
  }
}

/**
 * One file of sources, in either of apt's two formats, as the same with entries for source packages only. Options and
 * keys stay.
 *
 * @param {string} name of the file, whose ending tells the format
 * @param {string} text
 * @returns {string} empty where there are none
 */
export function toSourceEntries(name, text) {
  if (name.endsWith('.sources')) return /^Types:/im.test(text) ? text.replace(/^Types:.*$/gim, 'Types: deb-src') : '';
  const entries = text
    .split('\n')
    .map((line) => /^\s*deb(?:-src)?\s+(\S.*)$/.exec(line)?.[1])
    // apt-get cannot ask for a disc.
    .filter((entry) => entry !== undefined && !/(^|\s)cdrom:/.test(entry))
    .map((entry) => `deb-src ${entry}\n`);
  return [...new Set(entries)].join('');
}

/**
 * Read after the machine's own configuration, of which all else stays: proxies, keys, what may be trusted.
 *
 * @param {string} temp
 */
function aptConfig(temp) {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${join(temp, 'parts')}";
Dir::State::Lists "${join(temp, 'lists')}";
Dir::Cache "${join(temp, 'cache')}";
Acquire::GzipIndexes "true";
Acquire::Retries "0";
Acquire::http::Timeout "${SILENCE_SECONDS}";
Acquire::https::Timeout "${SILENCE_SECONDS}";
`;
}

/**
 * @param {string} config
 * @param {string[]} args
 * @param {string} cwd
 */
async function aptGet(config, args, cwd) {
  const limited = ['--kill-after=5', String(LIMIT_SECONDS), 'apt-get', '-q', '-c', config, ...args];
  const result = await run('timeout', limited, { cwd, env: { ...process.env, LC_ALL: 'C' } });
  if (result.code !== 124) return result;
  return { ...result, output: `${result.output}\nE: apt-get ${args[0]} took more than ${LIMIT_SECONDS} s` };
}

/**
 * Not any warning: as root, apt also warns that it works as root in a folder of root's.
 *
 * @param {{ output: string }} result
 */
function firstProblem({ output }) {
  return /^(?:E: |W: (?=Failed to fetch|GPG error))(.*?)\.?$/m.exec(output)?.[1]?.replace(/\s+/g, ' ');
}

/**
 * @param {string} unpacked
 * @param {string} name
 * @returns {SourcePackage}
 */
function inspect(unpacked, name) {
  const entries = readdirSync(unpacked, { withFileTypes: true });
  const folder = entries.find((entry) => entry.isDirectory());
  const description = entries.find((entry) => entry.name.endsWith('.dsc'));
  if (!folder || !description) return { why: `apt-get source brought no folder of ${name}` };
  const version = /^Version: (\S+)$/m.exec(readFileSync(join(unpacked, description.name), 'utf8'))?.[1];
  return { dir: join(unpacked, folder.name), version: version ?? '?' };
}
