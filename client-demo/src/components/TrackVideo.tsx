import { useEffect, useRef } from 'react';
import { attachTrack } from '../../../src/client/index.ts';

interface Props {
  readonly track: MediaStreamTrack | undefined;
  readonly mirrored: boolean;
  readonly className?: string;
}

/** Draws one's own track. Always silent: nobody wants to hear themselves. */
export function TrackVideo({ track, mirrored, className = '' }: Props) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null || track === undefined) return undefined;
    return attachTrack(track, element);
  }, [track]);
  return <video ref={ref} className={mirrored ? `${className} mirrored` : className} autoPlay playsInline muted />;
}
