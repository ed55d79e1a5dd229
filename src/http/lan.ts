import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from 'selfsigned';
import { PlenumError } from '../protocol/index.ts';
import type { TlsFiles } from './Listener.ts';

/** The machine's address in the local network: a private one (RFC 1918) first, container bridges last. */
export function lanAddress(): string {
  const candidates = Object.entries(networkInterfaces())
    .flatMap(([name, list]) => (list ?? []).map((entry) => ({ name, ...entry })))
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ name, address }) => ({ address, rank: rankOf(name, address) }))
    .toSorted((a, b) => a.rank - b.rank);
  const [best] = candidates;
  if (!best) {
    throw new PlenumError(
      'internal',
      'this machine has no IPv4 address in a local network, so --lan has nothing to offer; connect it, or start without --lan',
    );
  }
  return best.address;
}

function rankOf(name: string, address: string): number {
  if (/^(docker|br-|veth|virbr|vmnet|tun|tap|wg)/.test(name)) return 2;
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address) ? 0 : 1;
}

/** A phone asks once whether to trust it; the same certificate the next time spares the question. */
const validDays = 365;
const renewWithinMs = 7 * 24 * 3600 * 1000;

/** A self-signed certificate for the address, kept in the cache folder. */
export async function selfSignedCertificate(address: string, cacheFolder: string): Promise<TlsFiles> {
  const file = join(cacheFolder, `lan-${address}.json`);
  const kept = readKept(file);
  if (kept) return kept;
  const pems = await generate([{ name: 'commonName', value: address }], {
    keySize: 2048,
    notAfterDate: new Date(Date.now() + validDays * 24 * 3600 * 1000),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: address },
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  const files = { cert: pems.cert, key: pems.private };
  keep(file, files);
  return files;
}

function keep(file: string, files: TlsFiles): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(files), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlenumError(
      'internal',
      `the certificate for --lan cannot be kept in ${dirname(file)}; choose another folder with XDG_CACHE_HOME (${reason})`,
      { cause: error },
    );
  }
}

/** Undefined when there is none, it cannot be read, or it ends soon: then a new one is made. */
function readKept(file: string): TlsFiles | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { cert, key } = JSON.parse(readFileSync(file, 'utf8'));
    const validTo = new X509Certificate(cert).validToDate.getTime();
    return typeof key === 'string' && validTo - Date.now() > renewWithinMs ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}
