import type {
  LocalParticipant,
  LocalPublication,
  RemoteParticipant,
  RemotePublication,
  Room,
  Trouble,
} from '../../../src/client/index.ts';

interface TileBase {
  /** Stays the same for as long as the tile is there, also when its participant reconnects. */
  readonly key: string;
  readonly source: 'camera' | 'screen';
}

export interface LocalTile extends TileBase {
  readonly kind: 'local';
  readonly participant: LocalParticipant;
  readonly publication: LocalPublication | undefined;
}

export interface RemoteTile extends TileBase {
  readonly kind: 'remote';
  readonly participant: RemoteParticipant;
  readonly publication: RemotePublication | undefined;
  /** Not back yet after everybody had to join anew; participant and publication are those of before. */
  readonly away?: boolean;
}

export type Tile = LocalTile | RemoteTile;

const ownCamera = 'own-camera';

export function cameraKey(identity: string): string {
  return `camera ${identity}`;
}

export function isCameraKey(key: string): boolean {
  return key.startsWith(cameraKey(''));
}

export function screenKey(identity: string): string {
  return `screen ${identity}`;
}

/** Keys of the tiles that moderators want everybody to see, the most important first. */
export function spotlightKeys({ spotlight, local }: Room): string[] {
  return spotlight.map((identity) => (identity === local?.identity ? ownCamera : cameraKey(identity)));
}

/** Everybody has one camera tile, with or without a camera; a shared screen is a tile of its own. Oneself comes last. */
export function tilesOf(room: Room): Tile[] {
  const remote = [...room.participants.values()].sort((a, b) => a.joinedAt - b.joinedAt);
  const tiles: Tile[] = remote.flatMap((participant): Tile[] => {
    const { identity } = participant;
    const camera = participant.publication('camera');
    const screen = participant.publication('screen');
    const tile: Tile = { kind: 'remote', key: cameraKey(identity), source: 'camera', participant, publication: camera };
    if (screen === undefined) return [tile];
    return [{ kind: 'remote', key: screenKey(identity), source: 'screen', participant, publication: screen }, tile];
  });
  const { local } = room;
  if (local === undefined) return tiles;
  const screen = local.publications.get('screen');
  const camera = local.publications.get('camera');
  if (screen !== undefined) {
    tiles.push({ kind: 'local', key: 'own-screen', source: 'screen', participant: local, publication: screen });
  }
  tiles.push({ kind: 'local', key: ownCamera, source: 'camera', participant: local, publication: camera });
  return tiles;
}

/** Whether there is a picture to show. The first frame may still be on its way. */
export function hasPicture(tile: Tile): boolean {
  const { publication } = tile;
  if (publication === undefined || publication.muted || publication.track === undefined) return false;
  if (tile.kind === 'local' || tile.publication === undefined) return true;
  const { status } = tile.publication;
  // What is drawn again after it was hidden shows its last picture until the next one comes.
  return status === 'active' || status === 'inactive' || status === 'hidden';
}

export interface PictureTrouble {
  readonly kind: 'lost' | 'stalled' | 'bandwidth' | 'cannot-decode';
  readonly text: string;
}

/**
 * Why the picture of somebody with a camera is missing or stands still; undefined when it does not, or when the camera is
 * just off.
 */
export function pictureTrouble(tile: Tile): PictureTrouble | undefined {
  if (tile.kind === 'local') return undefined;
  if (tile.away || tile.participant.connection === 'lost') return { kind: 'lost', text: 'Reconnecting…' };
  switch (tile.publication?.status) {
    case 'bandwidth':
      return { kind: 'bandwidth', text: 'Video paused to keep the sound' };
    case 'cannot-decode':
      return { kind: 'cannot-decode', text: 'Your browser cannot play this video' };
    default:
      return tile.publication?.stalled ? { kind: 'stalled', text: 'Poor network, picture stands still' } : undefined;
  }
}

/** Whether a tile shows the last picture of somebody instead of a moving one. */
export function isStill(tile: Tile, trouble: Trouble | undefined): boolean {
  if (tile.kind === 'local') return false;
  const { stalled, status } = tile.publication ?? {};
  return standsStill(trouble) || tile.away === true || stalled === true || status === 'bandwidth';
}

/** Whether no pictures come at all, as the status line says. */
export function standsStill(trouble: Trouble | undefined): boolean {
  return trouble !== undefined && trouble !== 'signaling';
}

/** @param trouble between two visits nobody is heard, whoever spoke last */
export function isSpeaking(tile: Tile, trouble?: Trouble): boolean {
  return trouble !== 'visit' && tile.source === 'camera' && tile.participant.isSpeaking && !isMuted(tile);
}

export function isMuted(tile: Tile): boolean {
  const microphone =
    tile.kind === 'local'
      ? tile.participant.publications.get('microphone')
      : tile.participant.publication('microphone');
  return microphone === undefined || microphone.muted;
}

/** Off by the person's own choice, or not there; a picture that does not come through is another thing. */
export function isCameraOff({ publication }: Tile): boolean {
  return publication === undefined || publication.muted;
}

export function hasHandRaised(tile: Tile): boolean {
  return tile.participant.handRaisedAt !== undefined;
}

/** The captured size, where it is known. */
export function pictureSize(tile: Tile): { width: number; height: number } | undefined {
  if (tile.publication === undefined) return undefined;
  const { width, height } =
    tile.kind === 'remote' ? (tile.publication ?? {}) : (tile.publication.track?.getSettings() ?? {});
  return width !== undefined && height !== undefined && width > 0 && height > 0 ? { width, height } : undefined;
}
