import { useEffect, useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { useActiveSpeaker } from '../hooks/useActiveSpeaker.ts';
import { useElementSize } from '../hooks/useElementSize.ts';
import { usePageHidden } from '../hooks/usePageHidden.ts';
import { useShortcuts } from '../hooks/useShortcuts.ts';
import type { StageView } from '../hooks/useStageView.ts';
import { useSwipe } from '../hooks/useSwipe.ts';
import { useWantedView } from '../hooks/useWantedView.ts';
import { planStage, videosOf } from '../lib/stagePlan.ts';
import { TileOrder } from '../lib/TileOrder.ts';
import { cameraKey, isSpeaking, isStill, pictureSize, type Tile } from '../lib/tiles.ts';
import { fitOf } from '../lib/wantedView.ts';
import { PageControls } from './PageControls.tsx';
import { ParticipantTile, type TileAction } from './ParticipantTile.tsx';

/** The size, in pixels, at which a pinned video is asked for whose sender is not known yet. */
const unseen = { width: 640, height: 360 };

interface Props {
  readonly room: Room;
  readonly tiles: readonly Tile[];
  readonly view: StageView;
  /** Keys of the tiles that moderators want everybody to see. */
  readonly spotlit: readonly string[];
  /** Whether something lies over the whole stage. */
  readonly covered: boolean;
}

/** All tiles in one container, placed by sizes that were computed, so that no video is rebuilt when the order changes. */
export function Stage({ room, tiles, view, spotlit, covered }: Props) {
  const area = useRef<HTMLDivElement>(null);
  const size = useElementSize(area);
  const pageHidden = usePageHidden();
  const speaker = useActiveSpeaker(room);
  const [order] = useState(() => new TileOrder());

  const plan = planStage({
    tiles,
    order,
    area: size,
    gap: size.width < 600 ? 8 : 12,
    layout: view.layout,
    pinned: view.pins.map(({ key }) => key),
    spotlit,
    putBack: view.putBack,
    speaker: speaker === undefined ? undefined : cameraKey(speaker),
    page: view.page,
    now: performance.now(),
  });
  const { page, placement, large } = plan;
  const { turnTo } = view;
  // People leave: a page that is gone must not come back by itself when others come.
  useEffect(() => turnTo(page.index), [turnTo, page.index]);

  const known = size.width > 0 && size.height > 0;
  const drawn = pageHidden || covered ? [] : [...videosOf(plan, window.devicePixelRatio), ...unknownPins(view, tiles)];
  useWantedView(room, known ? drawn : undefined);

  const turn = (direction: 1 | -1) => {
    turnTo(Math.min(page.count - 1, Math.max(0, page.index + direction)));
  };
  useShortcuts({ arrowleft: () => turn(-1), arrowright: () => turn(1) });
  const swipe = useSwipe(turn);

  const act = (tile: Tile, action: TileAction) => {
    if (action === 'put back') view.putTileBack(tile.key);
    else view.togglePin({ key: tile.key, identity: tile.kind === 'remote' ? tile.participant.identity : undefined });
  };

  return (
    <>
      <div ref={area} className={`stage stage-scroll-${placement.scroll}`} {...swipe}>
        <ul className="tiles" style={placement.content} aria-label="Participants">
          {plan.shown.map((tile) => {
            const place = placement.places.get(tile.key);
            const isSpotlit = spotlit.includes(tile.key);
            const action = actionOf(tile, { isLarge: tile === large, isSpotlit, of: tiles.length }, view);
            return (
              <ParticipantTile
                key={tile.key}
                tile={tile}
                place={place}
                fit={fitOf(tile.source, place ?? size, pictureSize(tile))}
                large={tile === large}
                still={isStill(tile, room.trouble)}
                speaking={isSpeaking(tile, room.trouble)}
                pinned={view.isPinned(tile.key)}
                spotlit={isSpotlit}
                action={action}
                onAction={() => action && act(tile, action)}
              />
            );
          })}
        </ul>
      </div>
      <PageControls index={page.index} count={page.count} onTurn={turn} />
    </>
  );
}

interface Shown {
  readonly isLarge: boolean;
  readonly isSpotlit: boolean;
  /** Of how many tiles it is one. */
  readonly of: number;
}

function actionOf(tile: Tile, { isLarge, isSpotlit, of }: Shown, view: StageView): TileAction | undefined {
  if (view.isPinned(tile.key)) return 'unpin';
  if (of < 2) return undefined;
  return isLarge && (tile.source === 'screen' || isSpotlit) ? 'put back' : 'pin';
}

/** Pinned from the list of people, in a room so large that their tiles come only with what they send. */
function unknownPins({ pins }: StageView, tiles: readonly Tile[]) {
  return pins.flatMap(({ key, publicationId }) =>
    publicationId === undefined || tiles.some((tile) => tile.key === key) ? [] : [{ publicationId, ...unseen }],
  );
}
