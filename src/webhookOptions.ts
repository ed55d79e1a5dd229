import { z } from 'zod';
import { isWebhookSecret } from './auth/webhookSignature.ts';
import { hostName, list, type OptionDeclaration } from './optionShapes.ts';
import { parseRange } from './proxies.ts';

const urls = list(
  z
    .string()
    .transform((entry) => URL.parse(entry))
    .pipe(z.instanceof(URL))
    .refine(isTarget),
  16,
);
const secrets = list(z.string().refine(isWebhookSecret), 8);
const privateTargets = list(
  z.string().refine((entry) => parseRange(entry) !== undefined || hostName.test(entry)),
  64,
);

/** What webhooks need to know: part of src/options.ts. */
export const webhookOptions = {
  webhookUrls: {
    schema: urls.default([]),
    doc: 'URLs, with commas, that hear by signed webhooks of rooms, participants, publications and workers. Those that hold a key belong into the variable.',
    right: 'up to 16 URLs like https://app.example.org/plenum, with commas between; no user, password or #',
    secret: true,
    shownDefault: 'none',
  },
  webhookSecrets: {
    schema: secrets.default([]),
    doc: 'Secrets that webhooks are signed with, several with commas while they change. Needed with --webhook-urls.',
    right:
      'whsec_ and 24 to 64 random bytes in base64, none from an example, made for example with: echo "whsec_$(openssl rand -base64 32)"',
    secret: true,
    variableOnly: true,
    shownDefault: 'none',
  },
  webhookAllowPrivate: {
    schema: privateTargets.default([]),
    doc: 'Networks and hosts that webhooks may be sent to although they are private, then also without TLS; with commas.',
    right: 'addresses, ranges like 10.1.0.0/16 or host names, with commas between',
    shownDefault: 'none',
  },
} as const satisfies Record<string, OptionDeclaration>;

/** Without what would be sent nowhere (the part after #) or is no part of an address (name and password). */
function isTarget({ protocol, username, password, hash }: URL): boolean {
  return /^https?:$/.test(protocol) && username + password + hash === '';
}
