import { useEffect, useRef } from 'react';
import { isMirrored } from '../lib/mirror.ts';
import type { Tile } from '../lib/tiles.ts';
import { TrackVideo } from './TrackVideo.tsx';

interface Props {
  readonly tile: Tile;
  readonly fit: 'cover' | 'contain';
  readonly shown: boolean;
}

/** The picture of a tile. The element is always there; without a picture it is transparent. Sound has its own element. */
export function TileVideo({ tile, fit, shown }: Props) {
  const className = `tile-video tile-video-${fit} ${shown ? '' : 'tile-video-hidden'}`;
  if (tile.kind === 'local') {
    const track = tile.publication?.track;
    return <TrackVideo className={className} track={track} mirrored={tile.source === 'camera' && isMirrored(track)} />;
  }
  return <RemoteVideo className={className} publication={tile.publication} />;
}

type RemotePublication = Extract<Tile, { kind: 'remote' }>['publication'];

function RemoteVideo({ publication, className }: { publication: RemotePublication; className: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null || publication === undefined) return undefined;
    return publication.attach(element);
  }, [publication]);
  return <video ref={ref} className={className} autoPlay playsInline muted />;
}
