/** The wire protocol: requests, notices and their shapes. Runs in Node and in browsers; needs zod only. */
export { type ErrorCode, errorCodes, PlenumError } from './errors.ts';
export { dataStreams } from './media.ts';
export { notices, protocolVersion } from './notices.ts';
export { type RequestPhase, requests } from './requests.ts';
export * as shapes from './shapes.ts';
export type * from './types.ts';
