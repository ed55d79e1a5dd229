import { Hand, MicOff, MonitorUp, Pin, PinOff, SignalLow, TriangleAlert, Volume2 } from 'lucide-react';
import type { CSSProperties } from 'react';
import type { Place } from '../lib/placement.ts';
import { hasHandRaised, hasPicture, isMuted, pictureTrouble, type Tile } from '../lib/tiles.ts';
import { Avatar } from './Avatar.tsx';
import { TileVideo } from './TileVideo.tsx';

interface Props {
  readonly tile: Tile;
  readonly place: Place | undefined;
  readonly fit: 'cover' | 'contain';
  readonly focused: boolean;
  readonly canFocus: boolean;
  onFocus(): void;
}

/** Below this width, in CSS pixels, there is room for marks but not for sentences. */
const smallTile = 230;

export function ParticipantTile({ tile, place, fit, focused, canFocus, onFocus }: Props) {
  const { displayName, identity } = tile.participant;
  const isScreen = tile.source === 'screen';
  const own = tile.kind === 'local';
  const picture = hasPicture(tile);
  const trouble = pictureTrouble(tile);
  const speaking = !isScreen && tile.participant.isSpeaking && !isMuted(tile);
  const weak = tile.kind === 'remote' && tile.participant.connection === 'poor';
  const name = own ? `${displayName} (you)` : displayName;
  const label = isScreen ? (own ? 'Your screen' : `${displayName}’s screen`) : name;
  const classes = [
    'tile',
    `tile-${tile.source}`,
    focused ? 'tile-focused' : '',
    speaking ? 'tile-speaking' : '',
    tile.kind === 'remote' && tile.participant.connection === 'lost' ? 'tile-lost' : '',
    place !== undefined && place.width < smallTile ? 'tile-small' : '',
  ];
  return (
    <li
      className={classes.filter(Boolean).join(' ')}
      style={styleOf(place)}
      aria-label={spokenLabel(tile, label)}
      data-testid="tile"
      data-identity={identity}
      data-participant-name={displayName}
      data-source={tile.source}
      data-local={own}
    >
      {!isScreen && <Avatar name={displayName} identity={identity} />}
      <TileVideo tile={tile} fit={fit} shown={picture} />
      {trouble !== undefined && (
        <p className="tile-trouble" aria-hidden="true">
          <TriangleAlert />
          <span>{trouble}</span>
        </p>
      )}
      {hasHandRaised(tile) && !isScreen && (
        <span className="tile-hand" aria-hidden="true">
          <Hand />
        </span>
      )}
      <div className="tile-name" aria-hidden="true">
        {isScreen && <MonitorUp />}
        {!isScreen && (isMuted(tile) ? <MicOff className="tile-muted" /> : <Volume2 className="tile-voice" />)}
        <span className="tile-name-text">{label}</span>
        {weak && <SignalLow className="tile-weak" />}
      </div>
      {canFocus && (
        <button
          type="button"
          className="tile-pin"
          aria-label={focused ? `Make ${label} small` : `Make ${label} large`}
          data-tooltip={focused ? 'Make small' : 'Make large'}
          onClick={onFocus}
        >
          {focused ? <PinOff aria-hidden="true" /> : <Pin aria-hidden="true" />}
        </button>
      )}
    </li>
  );
}

function styleOf(place: Place | undefined): CSSProperties {
  if (place === undefined) return { visibility: 'hidden' };
  const { width, height, left, top } = place;
  // The large tile is part of the flow, so that it can stay in sight while the strip scrolls past it.
  return place.focused ? { position: 'sticky', left, top, width, height } : { left, top, width, height };
}

/** All the marks of a tile in one sentence for those who do not see them. */
function spokenLabel(tile: Tile, label: string): string {
  if (tile.source === 'screen') return label;
  const marks = [
    isMuted(tile) ? 'muted' : undefined,
    hasPicture(tile) ? undefined : 'camera off',
    hasHandRaised(tile) ? 'hand raised' : undefined,
    tile.kind === 'remote' && tile.participant.connection === 'poor' ? 'weak connection' : undefined,
    pictureTrouble(tile),
  ];
  return [label, ...marks.filter((mark) => mark !== undefined)].join(', ');
}
