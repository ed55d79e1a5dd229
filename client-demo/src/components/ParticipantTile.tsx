import {
  CirclePause,
  Hand,
  MicOff,
  Minimize2,
  MonitorUp,
  Pin,
  PinOff,
  Spotlight,
  TriangleAlert,
  Unplug,
  Volume2,
} from 'lucide-react';
import type { CSSProperties } from 'react';
import type { Place } from '../lib/placement.ts';
import {
  hasHandRaised,
  hasPicture,
  isCameraOff,
  isMuted,
  type PictureTrouble,
  pictureTrouble,
  type Tile,
} from '../lib/tiles.ts';
import { Avatar } from './Avatar.tsx';
import { PoorSignal } from './PoorSignal.tsx';
import { TileVideo } from './TileVideo.tsx';

export type TileAction = 'pin' | 'unpin' | 'put back';

interface Props {
  readonly tile: Tile;
  readonly place: Place | undefined;
  readonly fit: 'cover' | 'contain';
  readonly large: boolean;
  /** What it shows is the last picture. */
  readonly still: boolean;
  readonly speaking: boolean;
  readonly pinned: boolean;
  readonly spotlit: boolean;
  /** What the tile's button does; undefined: there is none. */
  readonly action: TileAction | undefined;
  onAction(): void;
}

const actions = {
  pin: { icon: Pin, tooltip: 'Pin', label: (name: string) => `Pin ${name}` },
  unpin: { icon: PinOff, tooltip: 'Unpin', label: (name: string) => `Unpin ${name}` },
  'put back': { icon: Minimize2, tooltip: 'Make small', label: (name: string) => `Make ${name} small` },
};

const troubleIcons = { lost: Unplug, stalled: PoorSignal, bandwidth: CirclePause, 'cannot-decode': TriangleAlert };

/** Below this width, in CSS pixels, there is room for marks but not for sentences. */
const smallTile = 230;

export function ParticipantTile(props: Props) {
  const { tile, place, fit, large, still, speaking, pinned, spotlit, action, onAction } = props;
  const { displayName, identity } = tile.participant;
  const isScreen = tile.source === 'screen';
  const own = tile.kind === 'local';
  const picture = hasPicture(tile);
  const trouble = pictureTrouble(tile);
  const weak = tile.kind === 'remote' && tile.participant.connection === 'poor';
  const name = own ? `${displayName} (you)` : displayName;
  const label = isScreen ? (own ? 'Your screen' : `${displayName}’s screen`) : name;
  const classes = [
    'tile',
    `tile-${tile.source}`,
    large ? 'tile-focused' : '',
    speaking ? 'tile-speaking' : '',
    still ? 'tile-still' : '',
    place !== undefined && place.width < smallTile ? 'tile-small' : '',
  ];
  return (
    <li
      className={classes.filter(Boolean).join(' ')}
      style={styleOf(place)}
      aria-label={spokenLabel(tile, label, { pinned, spotlit })}
      data-testid="tile"
      data-identity={identity}
      data-participant-name={displayName}
      data-source={tile.source}
      data-local={own}
      data-pinned={pinned}
      data-spotlit={spotlit}
    >
      {!isScreen && <Avatar name={displayName} identity={identity} />}
      <TileVideo tile={tile} fit={fit} shown={picture} still={still} />
      {trouble !== undefined && <Trouble trouble={trouble} />}
      {hasHandRaised(tile) && !isScreen && (
        <span className="tile-hand" aria-hidden="true">
          <Hand />
        </span>
      )}
      <div className="tile-name" aria-hidden="true">
        {spotlit && (
          <span className="tile-spotlit" title="In the spotlight">
            <Spotlight />
          </span>
        )}
        {pinned && <Pin className="tile-pinned" />}
        {isScreen && <MonitorUp />}
        {!isScreen && (isMuted(tile) ? <MicOff className="tile-muted" /> : <Volume2 className="tile-voice" />)}
        <span className="tile-name-text">{label}</span>
        {weak && (
          <span className="tile-weak" title={`${displayName} has a poor connection`}>
            <PoorSignal />
          </span>
        )}
      </div>
      {action !== undefined && <ActionButton action={action} name={label} onAction={onAction} />}
    </li>
  );
}

function Trouble({ trouble }: { trouble: PictureTrouble }) {
  const Icon = troubleIcons[trouble.kind];
  return (
    <p className="tile-trouble" title={trouble.text} aria-hidden="true">
      <Icon />
      <span>{trouble.text}</span>
    </p>
  );
}

function ActionButton({ action, name, onAction }: { action: TileAction; name: string; onAction: () => void }) {
  const { icon: Icon, tooltip, label } = actions[action];
  return (
    <button type="button" className="tile-pin" aria-label={label(name)} data-tooltip={tooltip} onClick={onAction}>
      <Icon aria-hidden="true" />
    </button>
  );
}

function styleOf(place: Place | undefined): CSSProperties {
  if (place === undefined) return { visibility: 'hidden' };
  const { width, height, left, top } = place;
  // The large tile is part of the flow, so that it can stay in sight while the strip scrolls past it.
  return place.focused ? { position: 'sticky', left, top, width, height } : { left, top, width, height };
}

/** All the marks of a tile in one sentence for those who do not see them. */
function spokenLabel(tile: Tile, label: string, { pinned, spotlit }: Pick<Props, 'pinned' | 'spotlit'>): string {
  const camera = tile.source === 'camera';
  const marks = [
    camera && isMuted(tile) ? 'muted' : undefined,
    camera && isCameraOff(tile) ? 'camera off' : undefined,
    camera && hasHandRaised(tile) ? 'hand raised' : undefined,
    camera && tile.kind === 'remote' && tile.participant.connection === 'poor' ? 'weak connection' : undefined,
    pictureTrouble(tile)?.text.toLocaleLowerCase(),
    pinned ? 'pinned' : undefined,
    spotlit ? 'in the spotlight' : undefined,
  ];
  return [label, ...marks.filter((mark) => mark !== undefined)].join(', ');
}
