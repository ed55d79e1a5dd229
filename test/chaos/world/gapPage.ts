/** What runs in the page of each participant: watches pictures and sound of the others, by their names. */

/** One picture or sound, of one person. Times by the page's clock, milliseconds. */
export interface Stretch {
  /** When something came last. */
  last: number;
  /** The longest time without anything, and when it ended. */
  longest: number;
  endedAt: number;
}

/** What the receivers of one person's picture and sound have counted since they were made (W3C webrtc-stats). */
export interface Received {
  /** Of sound: all, and those that were made up for something lost while it was not silent. */
  samples: number;
  concealed: number;
  /** Seconds in which the picture stood still: for the mean time between two, and 150 ms more or thrice as long. */
  frozenSeconds: number;
  /** Pictures that were decoded. */
  frames: number;
}

export interface PageGaps {
  now: number;
  /** What `now` is in milliseconds since 1970. */
  origin: number;
  video: Record<string, Stretch>;
  audio: Record<string, Stretch>;
  /** By the page's clock, when there was last a sound in what came: packets of silence do not count. */
  heard: Record<string, number>;
  counts: Record<string, Received>;
}

declare global {
  interface Window {
    chaosGaps: {
      /** From now on the longest stretches count. */
      begin(): void;
      read(): PageGaps;
      /** What the browser has counted of each video that it sends or receives, in words; by the id of its track. */
      videos(): Promise<Record<string, string>>;
    };
  }
}

/** Given to the page as text, so it uses nothing from outside of itself. */
export function watchGaps(): void {
  const soundEveryMs = 100;
  /** Squares of the level, 0 to 1, times seconds: of the beep of a fake microphone 0.1 s have a hundred times as much. */
  const audible = 1e-4;
  const video: Record<string, Stretch> = {};
  const audio: Record<string, Stretch> = {};
  const heard: Record<string, number> = {};
  const packets = new Map<string, number>();
  const energies = new Map<string, number>();
  const watched = new WeakSet<Element>();
  const peers = new Set<RTCPeerConnection>();
  let counts: Record<string, Received> = {};

  const came = (of: Record<string, Stretch>, name: string) => {
    const now = performance.now();
    const stretch = of[name] ?? { last: now, longest: 0, endedAt: now };
    of[name] = stretch;
    if (now - stretch.last > stretch.longest) {
      stretch.longest = now - stretch.last;
      stretch.endedAt = now;
    }
    stretch.last = now;
  };

  const watchTiles = () => {
    for (const tile of document.querySelectorAll<HTMLElement>('[data-testid="tile"][data-source="camera"]')) {
      const element = tile.querySelector('video');
      if (!element || watched.has(element)) continue;
      watched.add(element);
      const painted = () => {
        const name = tile.dataset.participantName;
        if (name !== undefined) came(video, name);
        element.requestVideoFrameCallback(painted);
      };
      element.requestVideoFrameCallback(painted);
    }
  };
  new MutationObserver(watchTiles).observe(document, { childList: true, subtree: true });

  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.add(this);
    }
  };

  const namesOfTracks = () => {
    const names = new Map<string, string>();
    for (const participant of window.plenum?.participants.values() ?? []) {
      for (const { track } of participant.publications.values()) {
        if (track) names.set(track.id, participant.displayName);
      }
    }
    return names;
  };

  const listen = async () => {
    const names = namesOfTracks();
    const sums: Record<string, Received> = {};
    for (const peer of peers) {
      if (peer.connectionState === 'closed') {
        peers.delete(peer);
        continue;
      }
      const report = await peer.getStats();
      for (const entry of report.values()) {
        const name = entry.type === 'inbound-rtp' ? names.get(entry.trackIdentifier) : undefined;
        if (name === undefined) continue;
        const sum = sums[name] ?? { samples: 0, concealed: 0, frozenSeconds: 0, frames: 0 };
        sums[name] = sum;
        sum.frozenSeconds += entry.totalFreezesDuration ?? 0;
        sum.frames += entry.framesDecoded ?? 0;
        sum.samples += entry.totalSamplesReceived ?? 0;
        sum.concealed += (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0);
        if (entry.kind !== 'audio' || packets.get(entry.id) === entry.packetsReceived) continue;
        packets.set(entry.id, entry.packetsReceived);
        came(audio, name);
        const energy = entry.totalAudioEnergy ?? 0;
        if (energy - (energies.get(entry.id) ?? energy) > audible) heard[name] = performance.now();
        energies.set(entry.id, energy);
      }
    }
    counts = sums;
  };
  const again = () => {
    listen().then(
      () => setTimeout(again, soundEveryMs),
      // A connection that is closed while it is asked.
      () => setTimeout(again, soundEveryMs),
    );
  };
  again();

  const videos = async () => {
    const told: Record<string, string> = {};
    for (const peer of peers) {
      if (peer.connectionState === 'closed') continue;
      const report = await peer.getStats();
      for (const { type, kind, ...entry } of report.values()) {
        if (kind !== 'video') continue;
        if (type === 'inbound-rtp') {
          const { trackIdentifier, packetsReceived, framesReceived, framesDecoded, keyFramesDecoded, pliCount } = entry;
          told[trackIdentifier] =
            `${packetsReceived} packets, ${framesReceived} pictures, ${framesDecoded} decoded (${keyFramesDecoded} key), ${pliCount} PLI`;
        } else if (type === 'outbound-rtp') {
          const track = report.get(entry.mediaSourceId);
          const { rid, active, framesEncoded, packetsSent, qualityLimitationReason, targetBitrate } = entry;
          const line = `${rid}: ${active ? 'on' : 'off'}, ${framesEncoded} encoded, ${packetsSent} packets, ${qualityLimitationReason}, ${targetBitrate} bit/s`;
          const id = `${track?.trackIdentifier}`;
          told[id] = `${told[id] ?? `${peer.connectionState}, source ${track?.frames}`}; ${line}`;
        }
      }
    }
    return told;
  };

  window.chaosGaps = {
    videos,
    begin() {
      for (const stretch of [...Object.values(video), ...Object.values(audio)]) stretch.longest = 0;
    },
    read: () => ({ now: performance.now(), origin: performance.timeOrigin, video, audio, heard, counts }),
  };
}
