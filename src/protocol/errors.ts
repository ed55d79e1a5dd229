/**
 * Every error that Plenum gives to a client or an application, declared once.
 * The code is for programs, the message for people; the cause stays in the server's log.
 */
export const errorCodes = {
  'bad-request': 'the request does not have the declared shape',
  'unknown-request': 'there is no request of that name',
  'wrong-phase': 'the request is not allowed now (for example publish before join)',
  'message-too-large': 'the message is larger than the server takes',
  conflict:
    'the same id or version was used before with other content, or what is to be there is there already: a room of that name, or somebody of that identity',
  unauthorized: 'the token is missing, malformed, expired, or for another server or room',
  forbidden: 'the token does not give this right, or the server is not configured for it',
  'not-found': 'there is nothing of that id in this room, or no such room',
  'room-full': 'the room has as many participants as it takes',
  'room-locked': 'a moderator has locked the room; nobody new comes in',
  'in-lobby': 'you wait in the lobby until a moderator lets you in; join again after `admitted`',
  'server-full': 'the server has as many participants or transports as it takes',
  'server-busy': 'very many people come at the same time; `retryAfterMs` says when to try again',
  'too-many-publications': 'the participant publishes as many tracks as it may',
  'rate-limited': 'too much in too short a time; `retryAfterMs` says when to try again',
  'other-version': 'client and server speak different versions of the protocol; load the page again',
  unsupported: 'the media parameters or capabilities cannot be used in this room',
  draining: 'the server is about to stop and takes nobody new',
  closed: 'the room, participant or connection has been closed',
  timeout: 'no answer came in time, or not all of a request',
  internal: 'the server failed; its log says why',
  'method-not-allowed': 'the address takes other methods than this one',
  'unsupported-media-type': 'the body is not JSON',
  'idempotency-mismatch': 'the same idempotency key was used before with another request',
  'idempotency-in-progress': 'the request with that idempotency key is still being worked on; try again in a moment',
  refused: 'a moderator did not let you in from the lobby',
  'not-delivered': 'some recipients left or took no data for too long, and did not get it; the others did',
  // Given by the client SDK only.
  disconnected: 'the server cannot be reached',
  'unsupported-browser': 'this browser lacks WebRTC or a part of it that Plenum needs',
  'permission-denied': 'the person or the browser refused access to the device',
  'device-not-found': 'there is no such camera, microphone or screen',
  'device-in-use': 'the device is used by another program',
  declined: 'the recipient does not want the file',
  cancelled: 'the transfer of the file was cancelled by one of its sides',
  damaged: 'what arrived is not the file that was sent',
  aborted: 'the operation was given up because the room was left meanwhile',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** An error with a code of the table above. `message` may be shown to a person. */
export class PlenumError extends Error {
  override readonly name = 'PlenumError';
  readonly code: ErrorCode;
  /** How long to wait before the next attempt, in milliseconds, where the server says so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAfterMs?: number | undefined }) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** Data that did not reach everybody whom it was for. */
export class DeliveryError extends PlenumError {
  /** Those who did not get it: as they were named when the message was sent; by participantId where it was for all. */
  readonly recipients: readonly string[];
  /** Who of them did not get it since they have left the room. */
  readonly left: readonly string[];

  constructor(code: ErrorCode, message: string, recipients: readonly string[], left: readonly string[] = []) {
    super(code, message);
    this.recipients = recipients;
    this.left = left;
  }
}
