import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PlenumError } from '../protocol/index.ts';
import type { TlsFiles } from './Listener.ts';

/**
 * Certificate and key from their files. Node itself takes an empty or another certificate's key without a word and
 * then refuses every browser, so they are looked at here.
 *
 * @throws PlenumError that names the file and the option
 */
export function readTlsFiles(certFile: string, keyFile: string): TlsFiles {
  const cert = read('PLENUM_TLS_CERT', certFile);
  const key = read('PLENUM_TLS_KEY', keyFile);
  const certificate = parse('PLENUM_TLS_CERT', certFile, 'a certificate', () => new X509Certificate(cert));
  const privateKey = parse('PLENUM_TLS_KEY', keyFile, 'a private key without passphrase', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new PlenumError(
      'internal',
      `PLENUM_TLS_KEY: ${keyFile} is not the key of the certificate in ${certFile} (PLENUM_TLS_CERT)`,
    );
  }
  return { cert, key };
}

function read(option: string, file: string): string {
  // Somebody took the option for the text itself; a message with its "path" would put a private key into the log.
  if (file.includes('-----BEGIN')) {
    throw new PlenumError('internal', `${option} holds PEM text; it must be the path of a file that does`);
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PlenumError('internal', `${option}: ${reasonOf(error)}`, { cause: error });
  }
}

function parse<T>(option: string, file: string, what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new PlenumError('internal', `${option}: ${file} does not hold ${what} in PEM (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
