/** How loud an audio track is, for a level display. */
export interface LevelMeter {
  /** 0 (silence) to 1, over the last 20 ms or so. 0 until the browser lets sound be processed. */
  level(): number;
  close(): void;
}

/** Shared, since browsers allow only a few. */
let shared: { context: AudioContext; users: number } | undefined;

/** Measures a microphone's or participant's track. Close it when it is no longer shown. */
export function createLevelMeter(track: MediaStreamTrack): LevelMeter {
  shared ??= { context: new AudioContext(), users: 0 };
  shared.users += 1;
  const { context } = shared;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let open = true;
  return {
    level() {
      if (!open) return 0;
      // Without a gesture of the person a try would only fill the console with warnings.
      if (context.state === 'suspended' && navigator.userActivation?.hasBeenActive !== false) {
        // Still suspended: the next reading tries again.
        context.resume().catch(() => undefined);
      }
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      const rms = Math.sqrt(sum / samples.length);
      if (rms === 0) return 0;
      // -60 dB and below is silence, as in `audioLevel`.
      return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 60));
    },
    close() {
      if (!open) return;
      open = false;
      source.disconnect();
      if (!shared) return;
      shared.users -= 1;
      if (shared.users > 0) return;
      // It is closed already, which is all that was wanted.
      shared.context.close().catch(() => undefined);
      shared = undefined;
    },
  };
}
