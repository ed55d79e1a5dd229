import { createHmac, timingSafeEqual } from 'node:crypto';
import { PlenumError } from '../protocol/index.ts';
import { weaknessOfKey } from './weakSecrets.ts';

/**
 * The symmetric signatures of Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 of
 * `<id>.<seconds since 1970>.<body>`. Made with Node's own crypto: the reference package does the hashing in JavaScript
 * and brings two dependencies for what is a few lines here.
 */

const prefix = 'whsec_';
const version = 'v1';
/** Of the decoded key, as the specification demands. */
const keyBytes = { least: 24, most: 64 };
/** Base64 with or without padding; Buffer.from() passes over whatever it does not know. */
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

export interface SignedContent {
  id: string;
  /** Seconds since 1970. */
  timestamp: number;
  /** As it goes over the network, byte by byte. */
  body: string | Uint8Array;
}

/** Whether it is `whsec_` with 24 to 64 bytes in base64, which others neither know from an example nor find by trying. */
export function isWebhookSecret(secret: string): boolean {
  const key = decode(secret);
  return key !== undefined && weaknessOfKey(key) === undefined;
}

/** The headers of a signed request; several secrets while the receiver changes from one to the other. */
export function webhookHeaders(secrets: readonly string[], content: SignedContent): Record<string, string> {
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestamp),
    'webhook-signature': secrets.map((secret) => `${version},${hmac(secret, content).toString('base64')}`).join(' '),
  };
}

/**
 * Whether one of the signatures, which spaces divide, was made with one of the secrets. How long it takes says nothing of
 * how much of a signature is right. Signatures of other versions are passed over.
 */
export function isSigned(secrets: readonly string[], content: SignedContent, signatures: string): boolean {
  const given = signatures
    .split(' ')
    .filter((entry) => entry.startsWith(`${version},`))
    .map((entry) => Buffer.from(entry.slice(version.length + 1), 'base64'));
  const right = secrets.map((secret) => hmac(secret, content));
  return right.some((mac) => given.some((each) => each.length === mac.length && timingSafeEqual(each, mac)));
}

function hmac(secret: string, { id, timestamp, body }: SignedContent): Buffer {
  const key = decode(secret);
  if (!key) throw new PlenumError('bad-request', webhookSecretForm);
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

export const webhookSecretForm = `a webhook secret is ${prefix} and ${keyBytes.least} to ${keyBytes.most} bytes in base64`;

function decode(secret: string): Buffer | undefined {
  const encoded = secret.slice(prefix.length);
  if (!secret.startsWith(prefix) || !base64.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length >= keyBytes.least && key.length <= keyBytes.most ? key : undefined;
}
