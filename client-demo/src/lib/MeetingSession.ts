import { Room } from '../../../src/client/index.ts';
import { stopMedia, type TakenMedia } from './capture.ts';
import { type Device, deviceFailure } from './deviceFailures.ts';
import { type Ending, endingOf } from './endings.ts';
import { codeOf, type Failure, joinFailure } from './failures.ts';
import { fetchToken } from './token.ts';

declare global {
  interface Window {
    /** The SDK's Room, for the curious and for tests. */
    plenum: Room | undefined;
  }
}

export type Phase =
  | { readonly step: 'lobby'; readonly failure: Failure | undefined }
  | { readonly step: 'joining' }
  /** In front of the door, which a moderator has to open. */
  | { readonly step: 'waiting'; readonly name: string; readonly room: Room }
  | { readonly step: 'meeting'; readonly room: Room }
  | { readonly step: 'ended'; readonly ending: Ending };

export interface JoinRequest {
  readonly name: string;
  /** Hands the open devices over; called once, after the room was entered. */
  takeMedia(): TakenMedia;
  /** The room was entered, but without these devices. */
  onDeviceFailures(failures: readonly Failure[]): void;
  /** The room could not be entered. */
  onRefused?(): void;
}

interface PreparedRoom {
  readonly name: string;
  readonly room: Room;
  /** True when the room is ready to be joined. */
  readonly ready: Promise<boolean>;
}

const retryMs = 4_000;
/** A server that is away may come back; every other answer would stay the same. */
const passing: ReadonlySet<string> = new Set(['disconnected', 'timeout', 'draining', 'server-busy']);

/** One page of one room, from the lobby to the goodbye. A Room of the SDK serves for one visit. */
export class MeetingSession {
  readonly roomName: string;
  #phase: Phase = { step: 'lobby', failure: undefined };
  #prepared: PreparedRoom | undefined;
  #retry: number | undefined;
  /** Counts up with each join, leave and close, so that late answers can tell that they are late. */
  #turn = 0;
  readonly #listeners = new Set<() => void>();

  constructor(roomName: string) {
    this.roomName = roomName;
  }

  get phase(): Phase {
    return this.#phase;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Connects in the background, so that the join itself needs one round trip. */
  prepare(name: string): void {
    if (this.#phase.step !== 'lobby' || this.#prepared?.name === name) return;
    this.#dropPrepared();
    const room = this.#newRoom();
    const ready = room.prepare({ token: () => fetchToken(this.roomName, name) }).then(
      () => {
        if (this.#prepared === prepared) this.#clearFailure();
        return true;
      },
      (error: unknown) => {
        if (this.#prepared === prepared) this.#prepareFailed(name, error);
        return false;
      },
    );
    const prepared: PreparedRoom = { name, room, ready };
    this.#prepared = prepared;
  }

  async join(request: JoinRequest): Promise<void> {
    if (this.#phase.step !== 'lobby') return;
    this.#turn += 1;
    const turn = this.#turn;
    window.clearTimeout(this.#retry);
    this.#set({ step: 'joining' });
    const room = await this.#roomFor(request.name);
    const goesOn = () => turn === this.#turn && this.#phase.step !== 'ended';
    if (!(await this.#enter(room, request.name, goesOn))) {
      request.onRefused?.();
      return;
    }
    const media = request.takeMedia();
    this.#set({ step: 'meeting', room });
    const failures = await Promise.all([
      publishDevice(room, 'camera', media.camera),
      publishDevice(room, 'microphone', media.microphone),
    ]);
    if (room.state !== 'closed') request.onDeviceFailures(failures.filter((failure) => failure !== undefined));
  }

  /** Goes away from the door. */
  stopWaiting(): void {
    if (this.#phase.step !== 'waiting') return;
    this.#turn += 1;
    leaveQuietly(this.#phase.room);
    this.#set({ step: 'lobby', failure: undefined });
  }

  leave(): void {
    if (this.#phase.step !== 'meeting') return;
    const { room } = this.#phase;
    // The goodbye takes a moment, in which one may be on the way in again.
    this.#turn += 1;
    this.#set({ step: 'ended', ending: endingOf('left', '') });
    leaveQuietly(room);
  }

  /** Back to the lobby, for another visit. */
  again(): void {
    if (this.#phase.step === 'ended') this.#set({ step: 'lobby', failure: undefined });
  }

  /** The page goes away. */
  close(): void {
    this.#turn += 1;
    this.#dropPrepared();
    if (this.#phase.step === 'meeting' || this.#phase.step === 'waiting') leaveQuietly(this.#phase.room);
    this.#set({ step: 'lobby', failure: undefined });
  }

  /**
   * @param goesOn whether this page still wants that, and the room is not over for it
   * @returns whether this page is in the room now
   */
  async #enter(room: Room, name: string, goesOn: () => boolean): Promise<boolean> {
    const stopKnocking = room.on('stateChanged', (state) => {
      if (state === 'waiting' && goesOn()) this.#set({ step: 'waiting', name, room });
    });
    // Also a meeting at whose door one waits may end.
    const stopListening = room.on('closed', ({ reason, message }) => {
      if (goesOn()) this.#set({ step: 'ended', ending: endingOf(reason, message) });
    });
    try {
      await room.join({ token: () => fetchToken(this.roomName, name) });
      if (goesOn()) return true;
      leaveQuietly(room);
    } catch (error) {
      // From here on it is this page that gives the room up.
      stopListening();
      leaveQuietly(room);
      if (goesOn()) this.#backToLobby(name, error);
    } finally {
      // Who was in and has to wait again, as after a restart of the server, stays on the meeting's page, which says so.
      stopKnocking();
    }
    return false;
  }

  #newRoom(): Room {
    const room = new Room();
    window.plenum = room;
    return room;
  }

  async #roomFor(name: string): Promise<Room> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared === undefined) return this.#newRoom();
    if (prepared.name === name && (await prepared.ready)) return prepared.room;
    leaveQuietly(prepared.room);
    return this.#newRoom();
  }

  #prepareFailed(name: string, error: unknown): void {
    this.#dropPrepared();
    if (this.#phase.step === 'lobby') this.#backToLobby(name, error);
  }

  #backToLobby(name: string, error: unknown): void {
    if (codeOf(error) === 'refused') {
      const message = error instanceof Error ? error.message : '';
      this.#set({ step: 'ended', ending: endingOf('refused', message) });
      return;
    }
    const failure = joinFailure(error);
    this.#set({ step: 'lobby', failure });
    if (passing.has(failure.code)) {
      this.#retry = window.setTimeout(() => this.prepare(name), retryMs);
    }
  }

  #dropPrepared(): void {
    window.clearTimeout(this.#retry);
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared !== undefined) leaveQuietly(prepared.room);
  }

  /** The server is back. That a room was full, on the other hand, is not known to be over. */
  #clearFailure(): void {
    if (this.#phase.step === 'lobby' && passing.has(this.#phase.failure?.code ?? '')) {
      this.#set({ step: 'lobby', failure: undefined });
    }
  }

  #set(phase: Phase): void {
    this.#phase = phase;
    for (const listener of this.#listeners) listener();
  }
}

/** A device may open seconds after the join, when somebody has answered the browser's question at last. */
async function publishDevice(
  room: Room,
  device: Device,
  opening: Promise<MediaStreamTrack> | undefined,
): Promise<Failure | undefined> {
  if (opening === undefined) return undefined;
  try {
    const track = await opening;
    // Left meanwhile, or turned the device on by the button while this one was still opening.
    const wanted = room.state !== 'closed' && !room.local?.publications.has(device);
    if (!wanted || room.local?.mayPublish(device) === false) track.stop();
    else await room.publish(track, { source: device });
    return undefined;
  } catch (error) {
    stopMedia({ camera: opening, microphone: undefined });
    return deviceFailure(device, error);
  }
}

/** The room is given up whether or not the server hears of it. */
function leaveQuietly(room: Room): void {
  room.leave().catch((error: unknown) => console.debug('Plenum could not say goodbye', error));
}
