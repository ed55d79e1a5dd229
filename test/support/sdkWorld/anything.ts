import fc from 'fast-check';
import type { CloseReason } from '../../../src/client/RoomEvents.ts';
import { type ErrorCode, errorCodes, notices, shapes } from '../../../src/protocol/index.ts';

/** Whatever the server may say and a connection may come to. */

export const leaveReasons = shapes.leaveReason.options;
export const roomEnds = notices.roomClosed.payload.shape.reason.options;

const codes = Object.keys(errorCodes) as ErrorCode[];

export const anyErrorCode: fc.Arbitrary<ErrorCode> = fc.constantFrom(...codes);
export const anyCloseReason: fc.Arbitrary<CloseReason> = fc.constantFrom(...leaveReasons, ...roomEnds, ...codes);
