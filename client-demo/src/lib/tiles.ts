import type {
  LocalParticipant,
  LocalPublication,
  RemoteParticipant,
  RemotePublication,
  Room,
} from '../../../src/client/index.ts';

interface TileBase {
  /** Stays the same for as long as the tile is there. */
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
}

export type Tile = LocalTile | RemoteTile;

/** Everybody has one camera tile, with or without a camera; a shared screen is a tile of its own. Oneself comes last. */
export function tilesOf(room: Room): Tile[] {
  const remote = [...room.participants.values()].sort((a, b) => a.joinedAt - b.joinedAt);
  const tiles: Tile[] = [];
  for (const participant of remote) {
    const screen = participant.publication('screen');
    if (screen !== undefined) {
      tiles.push({ kind: 'remote', key: screen.publicationId, source: 'screen', participant, publication: screen });
    }
    tiles.push({
      kind: 'remote',
      key: participant.participantId,
      source: 'camera',
      participant,
      publication: participant.publication('camera'),
    });
  }
  const { local } = room;
  if (local !== undefined) {
    const screen = local.publications.get('screen');
    if (screen !== undefined) {
      tiles.push({ kind: 'local', key: 'own-screen', source: 'screen', participant: local, publication: screen });
    }
    tiles.push({
      kind: 'local',
      key: 'own-camera',
      source: 'camera',
      participant: local,
      publication: local.publications.get('camera'),
    });
  }
  return tiles;
}

/**
 * The tile to draw large. What somebody pinned comes first; else the newest screen of somebody else, unless it was put
 * back among the others. One's own screen stays small: seeing it twice helps nobody.
 */
export function focusOf(
  tiles: readonly Tile[],
  pinned: string | undefined,
  putBack: string | undefined,
): string | undefined {
  if (pinned !== undefined && tiles.some((tile) => tile.key === pinned)) return pinned;
  const screen = tiles.findLast((tile) => tile.kind === 'remote' && tile.source === 'screen');
  return screen?.key === putBack ? undefined : screen?.key;
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

/** Why the picture of somebody with a camera is missing; undefined when it is not, or when the camera is just off. */
export function pictureTrouble(tile: Tile): string | undefined {
  if (tile.kind === 'local') return undefined;
  if (tile.participant.connection === 'lost') return 'Connection lost, waiting…';
  switch (tile.publication?.status) {
    case 'bandwidth':
      return 'Paused: your connection is slow';
    case 'cannot-decode':
      return 'Your browser cannot play this video';
    default:
      return undefined;
  }
}

export function isMuted(tile: Tile): boolean {
  const microphone =
    tile.kind === 'local'
      ? tile.participant.publications.get('microphone')
      : tile.participant.publication('microphone');
  return microphone === undefined || microphone.muted;
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
