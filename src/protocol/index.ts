/** The wire protocol: requests, notices and their shapes. Runs in Node and in browsers; needs zod only. */
export {
  type ClientMessageHeader,
  clientFrameCodec,
  clientFrames,
  type DataKind,
  dataStreams,
  type FilePart,
  largestDataBytes,
  receiverWindowBytes,
  type ServerMessageHeader,
  senderWindowBytes,
  serverFrameCodec,
  serverFrames,
  stallMs,
  takenBytes,
  takenMs,
} from './data.ts';
export { DeliveryError, type ErrorCode, errorCodes, PlenumError } from './errors.ts';
export { frameOverheadBytes, messageIdOf } from './frames.ts';
export { type Grants, grants, mayPublish, plainGrants } from './grants.ts';
export { handshake, refusal } from './handshake.ts';
export { notices, protocolVersion } from './notices.ts';
export { type RequestPhase, type Right, requests } from './requests.ts';
export { changedSettings, plainRoomSettings, roomSettingChanges, roomSettings } from './roomSettings.ts';
export * as shapes from './shapes.ts';
export type * from './types.ts';
