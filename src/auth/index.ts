/**
 * What an application's server needs: making access tokens, and taking webhooks. Published as `plenum/server`; needs jose
 * and zod only.
 */
export { type Grants, PlenumError } from '../protocol/index.ts';
export type { WebhookData, WebhookEvent, WebhookType } from '../protocol/webhooks.ts';
export { type AccessTokenOptions, createAccessToken } from './accessToken.ts';
export type { TokenKey } from './keys.ts';
export { type VerifyWebhookOptions, verifyWebhook } from './verifyWebhook.ts';
