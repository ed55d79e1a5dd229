import { PlenumError } from '../protocol/index.ts';
import {
  type CameraOptions,
  captureCamera,
  captureMicrophone,
  captureScreen,
  isDeviceTrack,
  listDevices,
  type MicrophoneOptions,
  type ScreenOptions,
} from './capture.ts';
import { toPlenumError } from './errors.ts';
import type { Hub } from './Hub.ts';
import type { LocalPublication } from './LocalPublication.ts';
import type { PublishOptions } from './options.ts';
import { Publisher } from './Publisher.ts';
import { Serial } from './Serial.ts';

type Device = 'camera' | 'microphone';

/** Camera, microphone and screen as switches, and what happens when a device goes away. */
export class LocalMedia {
  readonly publisher: Publisher;
  readonly #hub: Hub;
  readonly #serials: Record<Device | 'screen', Serial> = {
    camera: new Serial(),
    microphone: new Serial(),
    screen: new Serial(),
  };
  /** What was pressed last, which what was pressed before and still waits must not undo. */
  readonly #wantsOn: Record<Device | 'screen', boolean> = { camera: false, microphone: false, screen: false };
  #camera: CameraOptions = {};
  #microphone: MicrophoneOptions = {};
  #closed = false;

  constructor(hub: Hub) {
    this.#hub = hub;
    this.publisher = new Publisher(hub, (publication, track) => {
      this.#lost(publication, track).catch((error: unknown) => this.#report(error));
    });
  }

  #capture(device: Device): () => Promise<MediaStreamTrack> {
    return device === 'camera' ? () => captureCamera(this.#camera) : () => captureMicrophone(this.#microphone);
  }

  /** A device that starts after the room was left is released at once. */
  async #whileOpen(capture: () => Promise<MediaStreamTrack>): Promise<MediaStreamTrack> {
    const track = await capture();
    if (!this.#closed) return track;
    track.stop();
    throw new PlenumError('aborted', 'The room was left meanwhile.');
  }

  /** Publishes a track of the application; a camera or microphone can then be switched like one of the room's own. */
  async publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalPublication> {
    if (!(track instanceof MediaStreamTrack)) throw new PlenumError('bad-request', 'There is no track to publish.');
    const { source } = options;
    if ((source !== 'camera' && source !== 'microphone') || !isDeviceTrack(track)) {
      return this.publisher.publish(track, options);
    }
    const { deviceId, width, height } = track.getSettings();
    if (source === 'camera') this.#camera = { deviceId, width, height };
    else this.#microphone = { deviceId };
    return this.publisher.publish(track, options, this.#capture(source));
  }

  setCamera(on: boolean, options: CameraOptions = {}): Promise<void> {
    const wanted = { ...this.#camera, ...options };
    return this.#set('camera', on, () => {
      this.#camera = wanted;
    });
  }

  setMicrophone(on: boolean, options: MicrophoneOptions = {}): Promise<void> {
    const wanted = { ...this.#microphone, ...options };
    return this.#set('microphone', on, () => {
      this.#microphone = wanted;
    });
  }

  async #set(device: Device, on: boolean, remember: () => void): Promise<void> {
    this.#wantsOn[device] = on;
    // Off must not wait for a device that is just being started; one that is not there yet is not published any more.
    if (!on) return this.publisher.publications.get(device)?.mute();
    await this.#serials[device].run(async () => {
      const publication = this.publisher.publications.get(device);
      const before = device === 'camera' ? this.#camera.deviceId : this.#microphone.deviceId;
      remember();
      const after = device === 'camera' ? this.#camera.deviceId : this.#microphone.deviceId;
      const capture = this.#capture(device);
      if (!publication) return this.#wantsOn[device] ? this.#publishDevice(device, capture) : undefined;
      publication.setCapture(capture);
      if (after !== before && publication.track) await this.#replace(publication, await this.#whileOpen(capture));
      if (this.#wantsOn[device]) await publication.unmute();
    });
  }

  async #publishDevice(device: Device, capture: () => Promise<MediaStreamTrack>): Promise<void> {
    const track = await this.#whileOpen(capture);
    if (!this.#wantsOn[device]) {
      track.stop();
      return;
    }
    try {
      await this.publisher.publish(track, { source: device }, capture);
    } catch (error) {
      track.stop();
      throw error;
    }
  }

  /** Gives a publication a device that has just been started; where it cannot take it, the device is released. */
  async #replace(publication: LocalPublication, fresh: MediaStreamTrack): Promise<void> {
    try {
      await publication.replaceTrack(fresh);
    } catch (error) {
      // Where only the server failed, the track is in use all the same.
      if (publication.track !== fresh) fresh.stop();
      throw error;
    }
  }

  /** Uses another device from now on; one that is off stays off. */
  switchDevice(device: Device, deviceId: string): Promise<void> {
    return this.#serials[device].run(async () => {
      const fresh = this.publisher.publications.get(device)?.track && (await this.#open(device, deviceId));
      this.#remember(device, deviceId);
      // Asked again, because it may have gone or come while the device was starting.
      const publication = this.publisher.publications.get(device);
      publication?.setCapture(this.#capture(device));
      if (!fresh) return;
      if (publication) await this.#replace(publication, fresh);
      else fresh.stop();
    });
  }

  #open(device: Device, deviceId: string): Promise<MediaStreamTrack> {
    return this.#whileOpen(() =>
      device === 'camera' ? captureCamera({ ...this.#camera, deviceId }) : captureMicrophone({ deviceId }),
    );
  }

  /** Which device is started from now on; undefined: whichever the browser chooses. */
  #remember(device: Device, deviceId: string | undefined): void {
    if (device === 'camera') this.#camera = { ...this.#camera, deviceId };
    else this.#microphone = { deviceId };
  }

  async setScreen(on: boolean, options: ScreenOptions = {}): Promise<void> {
    this.#wantsOn.screen = on;
    // Not behind a start that waits for a person or for the connection: what is shown must not be seen any longer.
    if (!on) return this.#stopScreen();
    await this.#serials.screen.run(async () => {
      if (this.#closed) throw new PlenumError('aborted', 'The room was left meanwhile.');
      if (!this.#wantsOn.screen || this.publisher.publications.has('screen')) return;
      const tracks = await captureScreen(options);
      try {
        if (this.#closed) throw new PlenumError('aborted', 'The room was left meanwhile.');
        if (this.#wantsOn.screen) await this.#publishScreen(tracks);
        else for (const track of tracks) track.stop();
      } catch (error) {
        for (const track of tracks) track.stop();
        // What went wrong first is what the caller has to know.
        await this.#stopScreen().catch(() => undefined);
        throw error;
      }
    });
  }

  async #publishScreen(tracks: readonly MediaStreamTrack[]): Promise<void> {
    const source = ({ kind }: MediaStreamTrack) => (kind === 'video' ? 'screen' : 'screen-audio');
    await Promise.all(tracks.map((track) => this.publisher.publish(track, { source: source(track) })));
  }

  async #stopScreen(): Promise<void> {
    const shared = (['screen', 'screen-audio'] as const).flatMap((source) => {
      const publication = this.publisher.publications.get(source);
      return publication ? [publication] : [];
    });
    await Promise.all(shared.map((publication) => this.publisher.unpublish(publication)));
  }

  async #lost(publication: LocalPublication, track: MediaStreamTrack): Promise<void> {
    const { source } = publication;
    if (source === 'screen') return this.#stopScreen();
    if (source === 'screen-audio') return this.publisher.unpublish(publication);
    const fallback = await this.#serials[source].run(() => this.#fallBack(publication, source, track));
    // Left, or unpublished while another device was being started.
    if (this.#closed || this.publisher.publications.get(source) !== publication) return;
    if (!fallback) await publication.mute();
    this.#hub.emit('deviceLost', { source, label: track.label, fallback: fallback?.label });
  }

  /** Another device of the same kind in place of the one that is gone; undefined where there is none. */
  async #fallBack(
    publication: LocalPublication,
    device: Device,
    lost: MediaStreamTrack,
  ): Promise<MediaStreamTrack | undefined> {
    const { cameras, microphones } = await listDevices().catch(() => ({ cameras: [], microphones: [] }));
    const lostId = lost.getSettings().deviceId;
    const others = (device === 'camera' ? cameras : microphones).filter((entry) => entry.deviceId !== lostId);
    // A muted camera is released anyway; it takes what there is when it comes back.
    if (device === 'camera' && publication.muted) return undefined;
    for (const { deviceId } of others) {
      if (this.#closed || !deviceId) return undefined;
      let track: MediaStreamTrack;
      try {
        track = await this.#open(device, deviceId);
      } catch (error) {
        // A permission that was withdrawn concerns all of them.
        if (toPlenumError(error).code === 'permission-denied') return undefined;
        continue;
      }
      this.#remember(device, deviceId);
      await this.#replace(publication, track).catch((error: unknown) => {
        if (this.publisher.publications.get(device) === publication) this.#report(error);
      });
      return track;
    }
    // The next start takes whatever device there is then.
    this.#remember(device, undefined);
    return undefined;
  }

  #report(error: unknown): void {
    const known: PlenumError = toPlenumError(error);
    if (!this.#closed) this.#hub.emit('error', known);
  }

  close(): void {
    this.#closed = true;
    this.publisher.close();
  }
}
