import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

/**
 * From which version on what faces the internet is without known holes, and which advisory says so. `npm audit
 * --omit=dev` knows more where the registry answers it (`.ci` asks); this holds without a network.
 */
const floors = [
  ['ws', '8.21.0', 'CVE-2026-48779'],
  ['engine.io', '6.6.9', 'GHSA-gr94-w7qr-f4j3'],
  ['socket.io-parser', '4.2.7', 'CVE-2026-69185'],
  ['fastify', '5.8.3', 'CVE-2026-3635'],
  ['find-my-way', '9.7.0', 'CVE-2026-47219'],
  ['@fastify/static', '10.1.3', 'GHSA-423g-23ch-w7c6'],
  ['fast-uri', '3.1.7', 'CVE-2026-84292'],
] as const;

const lock = z
  .object({ packages: z.record(z.string(), z.object({ version: z.string().optional(), dev: z.boolean().optional() })) })
  .parse(JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')));

/** All versions of a package that ship: it may be there several times, below others that need another one. */
function shipped(name: string): string[] {
  return Object.entries(lock.packages).flatMap(([path, { version, dev = false }]) =>
    version !== undefined && !dev && `/${path}`.endsWith(`/node_modules/${name}`) ? version : [],
  );
}

/** Whether a version is not before another; what comes before a release is. */
function isFrom(version: string, from: string): boolean {
  const [numbers, least] = [version, from].map((each) => each.split(/[.-]/).map(Number));
  if (!numbers || !least || numbers.length !== least.length) return false;
  const differs = numbers.findIndex((number, index) => number !== least[index]);
  return differs < 0 || Number(numbers[differs]) > Number(least[differs]);
}

test.each(floors)('%s ships from %s on, which mends %s', (name, from) => {
  const versions = shipped(name);
  expect(versions.length, 'it ships').toBeGreaterThan(0);
  expect(versions.filter((version) => !isFrom(version, from))).toEqual([]);
});

test.each([
  ['8.21.0', true],
  ['8.21.10', true],
  ['9.0.0', true],
  ['8.20.9', false],
  ['8.3.99', false],
  ['7.99.99', false],
  ['8.21.0-beta.1', false],
])('%s is from 8.21.0 on: %s', (version, expected) => {
  expect(isFrom(version, '8.21.0')).toBe(expected);
});
