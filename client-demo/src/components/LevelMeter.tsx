import { useEffect, useRef } from 'react';
import { createLevelMeter } from '../../../src/client/index.ts';

/** Screen readers are told at a pace at which they can speak. */
const spokenEveryMs = 1_000;

/** How loud a microphone is. Drawn past React: it changes with every frame. */
export function LevelMeter({ track }: { track: MediaStreamTrack | undefined }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (track === undefined || element === null) return undefined;
    const meter = createLevelMeter(track);
    let frame = 0;
    let shown = 0;
    let spokenAt = 0;
    const draw = (time: number) => {
      // Falls slower than it rises, so that it does not flicker.
      shown = Math.max(Math.min(1, meter.level()), shown * 0.9);
      element.style.setProperty('--level', shown.toFixed(3));
      if (time - spokenAt > spokenEveryMs) {
        spokenAt = time;
        element.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
      element.style.setProperty('--level', '0');
    };
  }, [track]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers disagree on how a <meter> can be styled
    <div
      ref={ref}
      className="level"
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <div className="level-bar" />
    </div>
  );
}
