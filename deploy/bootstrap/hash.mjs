import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * One hash over files and whole folders: names and contents. Paths that do not exist are left out.
 *
 * @param {string} base the names are taken relative to this folder, so that the hash is the same in every checkout
 * @param {string[]} paths
 * @param {{ except?: string[] }} [options] names of folders to leave out
 */
export function hashOf(base, paths, { except = [] } = {}) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesIn(join(base, path), except))) {
    const content = readFileSync(file);
    hash.update(`${relative(base, file)}\0${content.length}\0`);
    hash.update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * @param {string} path
 * @param {string[]} except
 * @returns {string[]}
 */
function filesIn(path, except) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !except.includes(name))
    .sort()
    .flatMap((name) => filesIn(join(path, name), except));
}
