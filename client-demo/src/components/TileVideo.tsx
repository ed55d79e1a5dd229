import { useEffect, useRef } from 'react';
import { useLastPicture } from '../hooks/useLastPicture.ts';
import { isMirrored } from '../lib/mirror.ts';
import { isCameraOff, type RemoteTile, type Tile } from '../lib/tiles.ts';
import { TrackVideo } from './TrackVideo.tsx';

interface Props {
  readonly tile: Tile;
  readonly fit: 'cover' | 'contain';
  readonly shown: boolean;
  /** What it shows is the last picture. */
  readonly still: boolean;
}

/** The picture of a tile. The element is always there; without a picture it is transparent. Sound has its own element. */
export function TileVideo({ tile, fit, shown, still }: Props) {
  const fitted = `tile-video tile-video-${fit}`;
  const className = shown ? fitted : `${fitted} tile-video-hidden`;
  if (tile.kind === 'local') {
    const track = tile.publication?.track;
    return <TrackVideo className={className} track={track} mirrored={tile.source === 'camera' && isMirrored(track)} />;
  }
  const below = isCameraOff(tile) ? `${fitted} tile-video-hidden` : fitted;
  return <RemoteVideo className={className} below={below} publication={tile.publication} shown={shown} still={still} />;
}

interface RemoteProps {
  readonly publication: RemoteTile['publication'];
  readonly className: string;
  readonly below: string;
  readonly shown: boolean;
  readonly still: boolean;
}

/** Below the video lies its last picture, which is seen while the video has none: its track may be replaced. */
function RemoteVideo({ publication, className, below, shown, still }: RemoteProps) {
  const video = useRef<HTMLVideoElement>(null);
  const last = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null || publication === undefined) return undefined;
    return publication.attach(element);
  }, [publication]);
  useLastPicture(video, last, still, shown);
  return (
    <>
      <canvas ref={last} className={below} width={0} height={0} />
      <video ref={video} className={className} autoPlay playsInline muted />
    </>
  );
}
