import type { ClientMessageHeader, DataKind } from '../protocol/index.ts';
import { clientFrames, PlenumError } from '../protocol/index.ts';
import type { DataMessage } from './DataLink.ts';
import { DataVisit } from './DataVisit.ts';
import type { FileTransfer } from './FileTransfer.ts';
import { FileTransfers } from './FileTransfers.ts';
import type { Hub } from './Hub.ts';
import type { DataOptions, FileOptions } from './options.ts';
import type { Roster } from './Roster.ts';
import type { Session } from './Session.ts';

/** Lossy messages that the server refuses are reported at most once in this time, in milliseconds. */
const complaintMs = 1000;

/** Data and files between the participants of a room. */
export class RoomData {
  readonly #hub: Hub;
  readonly #roster: Roster;
  readonly #files: FileTransfers;
  #visit: DataVisit | undefined;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(hub: Hub, roster: Roster) {
    this.#hub = hub;
    this.#roster = roster;
    this.#files = new FileTransfers({
      send: (header, payload) => this.#send('reliable', header, payload),
      ready: async () => this.#visit?.ready(),
      offered: (offer) => hub.emit('fileOffered', offer),
      participant: (participantId) => roster.participants.get(participantId),
    });
    hub.on('participantLeft', (participant, reason) => {
      // Hidden: still there, but in a large room not told of.
      if (reason !== 'hidden') this.#files.left(participant);
    });
  }

  /**
   * A visit has begun.
   * @returns what opens its channels, to be called when it is time
   */
  attach(session: Session): () => Promise<void> {
    this.detach(new PlenumError('disconnected', 'The connection was lost.'));
    const visit = new DataVisit(session, {
      message: (message) => this.#received(message),
      missed: (messages) => {
        const what = `This page took no data for too long and missed ${messages} messages.`;
        this.#hub.emit('error', new PlenumError('not-delivered', what));
      },
      error: (error) => this.#complain(error),
    });
    this.#visit = visit;
    return () => visit.open();
  }

  /**
   * The media of the visit were moved. What was sent and not confirmed fails; what waits goes on, and so do files.
   * @returns what opens the channels again
   */
  interrupt(): () => Promise<void> {
    const visit = this.#visit;
    visit?.interrupt(new PlenumError('disconnected', 'The media connection was lost; the message may have arrived.'));
    return async () => visit?.open();
  }

  /** The visit has ended: what was under way may or may not have arrived. */
  detach(error: PlenumError): void {
    this.#visit?.close(error);
    this.#visit = undefined;
    this.#files.close(error);
  }

  async send(data: Uint8Array | ArrayBuffer, { to, reliable = true, topic }: DataOptions): Promise<void> {
    if (!(data instanceof Uint8Array || data instanceof ArrayBuffer)) {
      throw new PlenumError('bad-request', 'Data is a Uint8Array or an ArrayBuffer.');
    }
    const limit = this.#visit?.limits.maxDataBytes ?? Number.POSITIVE_INFINITY;
    if (data.byteLength > limit) {
      const message = `The message has ${data.byteLength} bytes; the server takes ${limit}.`;
      throw new PlenumError('message-too-large', message);
    }
    const header = { ...(to !== undefined && { to: [to].flat() }), ...(topic && { topic }) };
    const checked = clientFrames.message.header.safeParse(header);
    if (!checked.success) {
      throw new PlenumError('bad-request', checked.error.issues.map(({ message }) => message).join('; '));
    }
    await this.#send(reliable ? 'reliable' : 'lossy', header, new Uint8Array(data));
  }

  /** @throws PlenumError where the file cannot even be offered */
  sendFile(file: Blob, { to }: FileOptions): FileTransfer {
    const visit = this.#visit;
    if (!visit) throw new PlenumError('disconnected', 'The connection is being restored.');
    const recipients = to === undefined ? [...this.#roster.participants.keys()] : [...new Set([to].flat())];
    return this.#files.offer(file, recipients, visit.limits);
  }

  async #send(kind: DataKind, header: ClientMessageHeader, payload: Uint8Array): Promise<void> {
    if (!this.#visit) throw new PlenumError('disconnected', 'The connection is being restored.');
    await this.#visit.send(kind, header, payload);
  }

  #received({ header, payload, reliable }: DataMessage): void {
    const { participantId, identity, topic = '', file } = header;
    if (file) {
      // The application's server sends none.
      if (participantId === undefined || identity === undefined) return;
      this.#files.receive({ participantId, identity }, file, payload);
      return;
    }
    const participant = participantId === undefined ? undefined : this.#roster.participants.get(participantId);
    // A copy: the rest of its buffer is the frame's.
    this.#hub.emit('dataReceived', { participant, participantId, identity, bytes: payload.slice(), topic, reliable });
  }

  #complain(error: PlenumError): void {
    const now = performance.now();
    if (now - this.#complainedAt < complaintMs) return;
    this.#complainedAt = now;
    this.#hub.emit('error', error);
  }
}
