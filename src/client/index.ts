/** The client SDK: meetings in a browser. Start with `Room`. */
import './jitless.ts';

export { DeliveryError, type ErrorCode, errorCodes, PlenumError } from '../protocol/errors.ts';
export { cleanName } from '../protocol/names.ts';
export { mostSpotlit } from '../protocol/shapes.ts';
export type {
  Ban,
  ChatMessage,
  ConnectionQuality,
  Kind,
  Knock,
  LeaveReason,
  Metadata,
  ModerationInput,
  Moderator,
  RoomSettings,
  SimulatedFault,
  Source,
  SubscriptionStatus,
  VideoCodec,
  View,
  ViewEntry,
} from '../protocol/types.ts';
export type { TokenSource } from './askToken.ts';
export { attachTrack } from './attach.ts';
export {
  type CameraOptions,
  captureCamera,
  captureMicrophone,
  captureScreen,
  type DeviceList,
  listDevices,
  type MicrophoneOptions,
  type ScreenOptions,
} from './capture.ts';
export type { FileTransfer } from './FileTransfer.ts';
export type {
  FileOutcome,
  FileRecipient,
  FileRecipientState,
  FileTransferEvents,
  FileTransferState,
} from './fileStates.ts';
export type { IncomingFile, IncomingFileEvents, IncomingFileState } from './IncomingFile.ts';
export type { LocalParticipant } from './LocalParticipant.ts';
export type { LocalPublication } from './LocalPublication.ts';
export { createLevelMeter, type LevelMeter } from './levelMeter.ts';
export type { DataOptions, FileOptions, JoinOptions, PrepareOptions, PublishOptions, RoomOptions } from './options.ts';
export type { ListedParticipant, ListedPublication, ListOptions, ParticipantPage } from './participantPage.ts';
export type { RemoteParticipant } from './RemoteParticipant.ts';
export type { ReceivedLayers, RemotePublication } from './RemotePublication.ts';
export { Room } from './Room.ts';
export type {
  CloseReason,
  LeftReason,
  LostDevice,
  Moderated,
  ReceivedData,
  RoomEvents,
  RoomState,
  Speaker,
  StateDetail,
  Trouble,
} from './RoomEvents.ts';
export type { EncodingStats, PublicationStats, RoomStats, SubscriptionStats } from './StatsCollector.ts';
export type { ViewChoice } from './Views.ts';
