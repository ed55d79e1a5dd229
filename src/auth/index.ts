/** What an application's server needs: making access tokens. Published as `plenum/server`; needs jose and zod only. */
export { PlenumError } from '../protocol/index.ts';
export { type AccessTokenOptions, createAccessToken } from './accessToken.ts';
