/**
 * What an application's server needs: making tokens, asking the API, and taking webhooks. Published as `plenum/server`; needs
 * jose and zod only.
 */

export type { ApiGrants } from '../protocol/apiGrants.ts';
export type { ApiParticipant } from '../protocol/apiParticipants.ts';
export type { ApiRoom } from '../protocol/apiRooms.ts';
export type { ApiParticipantStats, ApiRoomStats } from '../protocol/apiStats.ts';
export { type Grants, PlenumError } from '../protocol/index.ts';
export { cleanName } from '../protocol/names.ts';
export type { Problem } from '../protocol/problems.ts';
export type { WebhookData, WebhookEvent, WebhookType } from '../protocol/webhooks.ts';
export type { CallOptions, PlenumApiOptions } from './ApiCalls.ts';
export { type AccessTokenOptions, createAccessToken } from './accessToken.ts';
export { type ApiTokenOptions, createApiToken } from './apiToken.ts';
export type { TokenKey } from './keys.ts';
export { type PageOptions, PlenumApi } from './PlenumApi.ts';
export { PlenumApiError } from './PlenumApiError.ts';
export { type VerifyWebhookOptions, verifyWebhook } from './verifyWebhook.ts';
