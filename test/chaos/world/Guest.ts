import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launchChromium } from '../../support/chromium.ts';
import { Person } from '../../support/Person.ts';
import { stillMs, watchTiles } from '../soak/soakPage.ts';
import { watchGaps } from './gapPage.ts';
import type { Home } from './Home.ts';
import { roomName } from './names.ts';

/** Browsers share two cores: these cameras have two layers and leave them time. As MediaTrackConstraints. */
const devices = {
  /** Of three, for which times are measured. */
  measured: { camera: { width: 640, height: 360, frameRate: 15 }, microphone: {} },
  /** Of four beside a crowd: what people see must not depend on who gets a core at which moment. */
  soak: {
    camera: { width: 480, height: 270, frameRate: 7 },
    microphone: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  },
};

const modest = ({ camera, microphone }: (typeof devices)['measured' | 'soak']) => `
  const devices = navigator.mediaDevices;
  const open = devices?.getUserMedia.bind(devices);
  if (open) {
    window.cameraAsked = 0;
    devices.getUserMedia = ({ audio, video }) => {
      if (video) window.cameraAsked += 1;
      return open({
        audio: audio && { ...audio, ...${JSON.stringify(microphone)} },
        video: video && { ...video, ...${JSON.stringify(camera)} },
      });
    };
  }
`;

declare global {
  interface Window {
    /** How often the page has opened a camera. */
    cameraAsked: number;
  }
}

/** Somebody in the call: a Chromium of its own with the demo client, at home behind the router. */
export class Guest {
  readonly name: string;
  readonly home: Home;
  readonly #url: string;
  readonly #soak: boolean;
  readonly #past: string[] = [];
  #browser: Browser | undefined;
  #person: Person | undefined;

  /**
   * @param url of the server
   * @param soak whether the page watches its tiles
   */
  constructor(name: string, home: Home, url: string, soak: boolean) {
    this.#soak = soak;
    this.name = name;
    this.home = home;
    this.#url = url;
  }

  get person(): Person {
    if (!this.#person) throw new Error(`${this.name} is not there`);
    return this.#person;
  }

  get page(): Page {
    return this.person.page;
  }

  get isHere(): boolean {
    return this.#person !== undefined;
  }

  /** Starts the browser where there is none, and joins with camera and microphone. */
  async enter(): Promise<void> {
    this.#browser ??= await launchChromium({
      executablePath: this.home.machine.launcher(chromiumPath()),
      args: [
        '--auto-select-tab-capture-source-by-title=Plenum',
        // What is played reaches nobody's ears, and costs each browser a twentieth of a core.
        '--disable-audio-output',
        `--unsafely-treat-insecure-origin-as-secure=${this.#url}`,
      ],
    });
    this.#person = await Person.join(this.#browser, this.#url, {
      room: roomName,
      name: this.name,
      viewport: { width: 800, height: 500 },
      initScript: this.#soak
        ? `${modest(devices.soak)}; (${watchGaps})(); (${watchTiles})(${stillMs});`
        : `${modest(devices.measured)}; (${watchGaps})();`,
    });
  }

  /** Leaves as people do, and closes the page. */
  async leave(): Promise<void> {
    const { person } = this;
    this.#past.push(...person.problems);
    this.#person = undefined;
    await person.click('Leave').finally(() => person.close());
  }

  /** The page dies without a word, as when the system takes the memory of a tab. */
  async killTab(): Promise<void> {
    const { person } = this;
    person.forgiveCrash();
    this.#past.push(...person.problems);
    this.#person = undefined;
    for (const pid of this.#processes('--type=renderer')) process.kill(pid, 'SIGKILL');
    // Playwright does not wait for the page that is no more.
    await person.close();
  }

  /** The whole browser stops in the middle of whatever it does, and its connections stay open. */
  freeze(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGCONT');
  }

  /** Errors in the console, uncaught exceptions, and what the SDK reported; since it was last asked. */
  takeProblems(): string[] {
    return [...this.#past.splice(0), ...(this.#person?.problems.splice(0) ?? [])];
  }

  async close(): Promise<void> {
    if (this.#browser) this.thaw();
    await this.#browser?.close();
    this.#browser = undefined;
    this.#person = undefined;
  }

  #processes(having = ''): number[] {
    return this.home.machine.pids().filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(having);
      } catch {
        // It has just ended.
        return false;
      }
    });
  }
}
