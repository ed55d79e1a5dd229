import { PlenumError } from '../protocol/index.ts';
import { isWebhookType, type WebhookEvent, webhookEnvelope, webhookEvents } from '../protocol/webhooks.ts';
import { isSigned } from './webhookSignature.ts';

/** What Standard Webhooks recommends. */
const usualToleranceSeconds = 300;
/** More signatures than anybody rotates secrets; each costs a comparison. */
const longestSignatures = 4096;

export interface VerifyWebhookOptions {
  /** The server's `PLENUM_WEBHOOK_SECRETS`, or one of them: `whsec_...`. Several while they change. */
  secrets: string | readonly string[];
  /** Of the request: Node's `request.headers`, a `Headers` object, or plain entries, whatever their case. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of the request, as it came: parsed and written again, it is another one. */
  body: string | Uint8Array;
  /** How old or how far ahead a request may be by this machine's clock: later it is a replay. Default: 300. */
  toleranceSeconds?: number;
}

/**
 * Checks that a request comes from one's own Plenum server, and what it says. The same event may come more than once,
 * with the same `id`: keep the ids of those that are done.
 *
 * @throws PlenumError `unauthorized` where a header is missing, no signature is right, or the request is too old or too
 *   far ahead: answer 401. `bad-request` for a secret or a body of another form. `unsupported` for a signed event that
 *   this version does not know: answer 204 and pass it over.
 */
export function verifyWebhook(options: VerifyWebhookOptions): WebhookEvent {
  const { headers, body, toleranceSeconds = usualToleranceSeconds } = options;
  const secrets = typeof options.secrets === 'string' ? [options.secrets] : options.secrets;
  if (secrets.length === 0) throw new PlenumError('bad-request', 'verifyWebhook needs at least one secret');
  const id = header(headers, 'webhook-id');
  const sentAt = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  if (!/^\d{1,12}$/.test(sentAt)) throw new PlenumError('unauthorized', 'webhook-timestamp is not a time in seconds');
  if (signatures.length > longestSignatures) throw new PlenumError('unauthorized', 'webhook-signature is too long');
  const timestamp = Number(sentAt);
  // The signature first: what is said of the time is true of what the server sent, not of what anybody writes.
  if (String(timestamp) !== sentAt || !isSigned(secrets, { id, timestamp, body }, signatures)) {
    throw new PlenumError(
      'unauthorized',
      'no signature of this webhook is right: other secrets, or the body was changed',
    );
  }
  checkAge(timestamp, toleranceSeconds);
  return parse(id, typeof body === 'string' ? body : new TextDecoder().decode(body));
}

function checkAge(timestamp: number, toleranceSeconds: number): void {
  const ageSeconds = Math.round(Date.now() / 1000 - timestamp);
  if (Math.abs(ageSeconds) <= toleranceSeconds) return;
  const when = ageSeconds > 0 ? `${ageSeconds} s old` : `${-ageSeconds} s ahead of this clock`;
  throw new PlenumError('unauthorized', `the webhook is ${when}: it was sent again by somebody, or a clock is wrong`);
}

function parse(id: string, body: string): WebhookEvent {
  const envelope = webhookEnvelope.safeParse(parseJson(body)).data;
  if (!envelope || envelope.id !== id) throw new PlenumError('bad-request', 'the body of the webhook is no event');
  const { type, timestamp } = envelope;
  const data = isWebhookType(type) ? webhookEvents[type].data.safeParse(envelope.data).data : undefined;
  if (!data) throw new PlenumError('unsupported', `this version of plenum/server does not know such a "${type}"`);
  // The data were parsed by the schema of their type.
  return { id, type, timestamp, data } as WebhookEvent;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlenumError('bad-request', 'the body of the webhook is no JSON', { cause: error });
  }
}

function header(headers: VerifyWebhookOptions['headers'], name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : entryOf(headers, name);
  const text = typeof value === 'object' && value !== null ? value[0] : value;
  if (!text) throw new PlenumError('unauthorized', `the header ${name} is missing`);
  return text;
}

function entryOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string) {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
