import { SetupFailure } from './failure.mjs';
import { isOnPath, run } from './processes.mjs';
import { startStep } from './progress.mjs';

/** @typedef {{ name: string, command?: string }} DebianPackage a package, and the command that it brings if any */

/**
 * Sees to it that Debian packages are there: installs them as root, says what to type otherwise. Where there is no
 * dpkg, only the commands are looked for.
 *
 * @param {DebianPackage[]} packages
 * @param {{ label: string, what: string }} texts `label` of the step; `what` cannot be done without them
 */
export async function ensurePackages(packages, { label, what }) {
  let { absent, hidden } = await inspect(packages);
  if (absent.length > 0) {
    await install(absent, { label, what });
    ({ absent, hidden } = await inspect(packages));
  }
  if (absent.length + hidden.length === 0) return;
  const commands = [...absent, ...hidden].map((entry) => entry.command ?? entry.name).join(', ');
  throw new SetupFailure(
    what,
    `${commands} cannot be found, although the packages are installed. PATH is ${process.env.PATH}`,
    `Add the folder of ${commands} to PATH, usually:\nexport PATH="$PATH:/usr/bin:/usr/sbin"`,
  );
}

/**
 * Whether the packages are there, or `ensurePackages` may install them.
 *
 * @param {DebianPackage[]} packages
 */
export async function couldHave(packages) {
  const { absent, hidden } = await inspect(packages);
  return hidden.length === 0 && (absent.length === 0 || (isOnPath('apt-get') && process.getuid?.() === 0));
}

/**
 * Which packages are absent, and of which the command is hidden: installed, but not to be found.
 *
 * @param {DebianPackage[]} packages
 */
async function inspect(packages) {
  const names = packages.map((entry) => entry.name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is dpkg's own template.
  const format = '${Package} ${db:Status-Status}\\n';
  const query = isOnPath('dpkg-query') ? await run('dpkg-query', ['-W', '-f', format, ...names]) : null;
  const installed = query?.output.split('\n') ?? [];
  const isFound = (/** @type {DebianPackage} */ { command }) => !command || isOnPath(command);
  const isAbsent = (/** @type {DebianPackage} */ entry) =>
    query ? !installed.includes(`${entry.name} installed`) : !isFound(entry);
  return {
    absent: packages.filter(isAbsent),
    hidden: packages.filter((entry) => !isAbsent(entry) && !isFound(entry)),
  };
}

/**
 * @param {DebianPackage[]} packages
 * @param {{ label: string, what: string }} texts
 */
async function install(packages, { label, what }) {
  const names = packages.map((entry) => entry.name);
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (!isOnPath('apt-get')) {
    throw new SetupFailure(
      what,
      `Missing: ${packages.map((entry) => entry.command ?? entry.name).join(', ')}, and this system has no apt-get.`,
      `Install what these packages of Debian 12 hold, by the means of your system:\n${names.join(' ')}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new SetupFailure(
      what,
      `Packages are missing (${names.join(', ')}), and only root may install them.`,
      `sudo apt-get update && sudo ${command}`,
    );
  }

  const step = startStep(`${label} (${names.join(' ')})`);
  let result = await aptGetInstall(names);
  if (result.code !== 0) {
    // A fresh machine has no package lists, an old one has lists of packages that are gone.
    const update = await run('apt-get', ['update', '-q']);
    result = update.code === 0 ? await aptGetInstall(names) : update;
  }
  if (result.code !== 0) {
    step.failed('failed');
    throw new SetupFailure(what, tail(result.output), `apt-get update && ${command}`);
  }
  step.done();
}

/** @param {string[]} names */
function aptGetInstall(names) {
  return run('apt-get', ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...names], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** @param {string} output */
function tail(output) {
  const lines = output.trim().split('\n');
  const errors = lines.filter((line) => line.startsWith('E: '));
  return (errors.length > 0 ? errors : lines.slice(-5)).slice(0, 5).join('\n');
}
