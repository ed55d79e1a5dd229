import { PlenumError } from '../protocol/index.ts';
import type { DataRelay } from './DataRelay.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';
import type { Receivers } from './Receivers.ts';
import type { PlacedMedia, RoomMedia, TransportsWanted } from './RoomMedia.ts';
import type { RoomRoster } from './RoomRoster.ts';

/** Milliseconds for which a place on a live worker is looked for: a worker that died is replaced after a quarter second. */
export const giveUpMs = 10_000;
/** Milliseconds between two attempts. */
const retryMs = 100;
/** Milliseconds, from `mediaReset` on, within which a client sends again what it published. */
export const restoreMs = 10_000;

export interface RecoveryOptions {
  clock: Clock;
  roster: RoomRoster;
  receivers: Receivers;
  media: RoomMedia;
  data: DataRelay;
  /** There is no place for this participant any more, although it was looked for. */
  gaveUp: (participant: Participant) => void;
}

/**
 * What becomes of those whose worker has gone: they stay in the room and get a place, transports, subscriptions and data
 * channels on a live worker, of which `mediaReset` tells them. What they publish stays as well, for as long as a client
 * takes to send it again. Whoever is on another worker keeps its media, and receives from them again when there is
 * something to receive.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  /** Those whose media are being made, also for the join. */
  readonly #settling = new Set<Participant>();
  /** What takes away publications that do not come back. */
  readonly #deadlines = new Map<Participant, () => void>();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** A router has gone with its worker. */
  lost(routerId: string): void {
    const { roster } = this.#options;
    this.#interrupt(roster.participants.filter(({ router }) => router.routerId === routerId));
  }

  /** The participant gets other media, which go over TCP. */
  blockUdp(participant: Participant): void {
    if (participant.tcpOnly) return;
    participant.blockUdp();
    if (!participant.interrupted) this.#interrupt([participant]);
  }

  #interrupt(concerned: readonly Participant[]): void {
    const { receivers, data } = this.#options;
    for (const participant of concerned) {
      participant.interrupt();
      this.#forgive(participant);
      data.interrupt(participant);
    }
    receivers.interrupted(concerned.flatMap(({ publications }) => publications));
    for (const participant of concerned) if (!this.#settling.has(participant)) void this.#recover(participant);
  }

  /**
   * Transports for a newcomer; where the worker goes that was to make them, on another one, for which it may have to wait.
   * @throws PlenumError as `RoomMedia.createTransports()`
   */
  async place(wanted: TransportsWanted): Promise<PlacedMedia> {
    const { clock, media } = this.#options;
    const until = clock.now() + giveUpMs;
    let ended = false;
    for (;;) {
      try {
        return await media.createTransports(wanted);
      } catch (error) {
        ended ||= error instanceof PlenumError && error.code === 'closed';
        if (!ended || this.#closed || clock.now() >= until) throw error;
      }
      await this.#pause();
    }
  }

  /**
   * Makes what a participant receives and its data channels; where its worker goes meanwhile, on another one.
   * @throws PlenumError where that cannot be done, or no worker is found in time; it throws also where they left meanwhile
   */
  async settle(participant: Participant): Promise<void> {
    const until = this.#options.clock.now() + giveUpMs;
    this.#settling.add(participant);
    try {
      while (!(await this.#attempt(participant, until))) await this.#pause();
    } finally {
      this.#settling.delete(participant);
    }
  }

  /** One of a participant's publications is sent again. */
  restored(participant: Participant): void {
    if (participant.publications.every(({ live }) => live)) this.#forgive(participant);
  }

  /** The participant has left. */
  forget(participant: Participant): void {
    this.#forgive(participant);
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#deadlines.values()) cancel();
    this.#deadlines.clear();
    for (const wake of [...this.#waiting]) wake();
  }

  /** @returns false where it is worth trying again in a moment */
  async #attempt(participant: Participant, until: number): Promise<boolean> {
    const { clock, receivers, data, media } = this.#options;
    this.#check(participant);
    try {
      if (participant.interrupted) {
        const { dtlsParameters, tcpOnly } = participant;
        const placed = await media.createTransports({ dtlsParameters, tcpOnly, returning: true });
        if (participant.closed || participant.tcpOnly !== tcpOnly) {
          placed.discard();
          this.#check(participant);
          return false;
        }
        participant.moveTo(placed);
        receivers.renew(participant);
      }
      receivers.update(participant);
      await Promise.all([participant.subscriptions.firstView(), data.add(participant)]);
    } catch (error) {
      this.#check(participant);
      const ended = participant.interrupted || participant.router.closed;
      if (!ended) throw error;
      if (clock.now() >= until) throw new PlenumError('closed', 'no media worker was found in time', { cause: error });
      participant.log.debug({ err: error }, 'no media yet on another worker');
      participant.interrupt();
      return false;
    }
    this.#check(participant);
    return !participant.interrupted;
  }

  async #recover(participant: Participant): Promise<void> {
    try {
      await this.settle(participant);
      this.#tell(participant);
    } catch (error) {
      if (participant.closed || this.#closed) return;
      participant.log.info({ err: error }, 'a participant whose worker went finds no other one');
      this.#options.gaveUp(participant);
    }
  }

  #tell(participant: Participant): void {
    const { roster, clock } = this.#options;
    const { sendTransport, recvTransport, link, log } = participant;
    const subscriptions = participant.subscriptions.open();
    link.notify('mediaReset', {
      sendTransport: sendTransport.info,
      recvTransport: recvTransport.info,
      subscriptions,
      introduced: roster.introduction(subscriptions.map(({ publicationId }) => publicationId)),
    });
    log.info({ workerId: participant.workerId }, 'participant got other media');
    if (participant.publications.every(({ live }) => live)) return;
    this.#deadlines.set(
      participant,
      clock.after(restoreMs, () => this.#takeAway(participant)),
    );
  }

  #takeAway(participant: Participant): void {
    this.#deadlines.delete(participant);
    for (const { live, publicationId } of participant.publications) if (!live) participant.unpublish(publicationId);
  }

  #forgive(participant: Participant): void {
    this.#deadlines.get(participant)?.();
    this.#deadlines.delete(participant);
  }

  #check({ closed }: Participant): void {
    if (closed || this.#closed) throw new PlenumError('closed', 'the participant is no longer in the room');
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = this.#options.clock.after(retryMs, wake);
      this.#waiting.add(wake);
    });
  }
}
