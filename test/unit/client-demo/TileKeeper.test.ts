import { describe, expect, it } from 'vitest';
import { TileKeeper } from '../../../client-demo/src/lib/TileKeeper.ts';
import type { Tile } from '../../../client-demo/src/lib/tiles.ts';
import { Hub } from '../../../src/client/Hub.ts';
import { LocalParticipant } from '../../../src/client/LocalParticipant.ts';
import { Playback } from '../../../src/client/Playback.ts';
import { RemoteParticipant } from '../../../src/client/RemoteParticipant.ts';
import { RemotePublication } from '../../../src/client/RemotePublication.ts';

const info = (identity: string) => ({
  participantId: `${identity}-1`,
  identity,
  displayName: identity,
  metadata: {},
  moderator: false,
  handRaisedAt: null,
  joinedAt: 0,
  connection: 'good' as const,
});

function remote(identity: string, camera = true): Tile {
  const participant = new RemoteParticipant(info(identity));
  const listener = { attached: () => undefined, detached: () => undefined };
  const publication = new RemotePublication(
    participant,
    {
      publicationId: `${identity}-camera`,
      participantId: participant.participantId,
      source: 'camera',
      kind: 'video',
      muted: false,
      width: 640,
      height: 360,
      codec: 'vp8',
      spatialLayers: 1,
      metadata: {},
    },
    new Playback(new Hub()),
    listener,
  );
  const key = `camera ${identity}`;
  return { kind: 'remote', key, source: 'camera', participant, publication: camera ? publication : undefined };
}

const own: Tile = {
  kind: 'local',
  key: 'own-camera',
  source: 'camera',
  participant: new LocalParticipant(info('me'), new Map()),
  publication: undefined,
};

const seen = (tiles: readonly Tile[]) =>
  tiles.map((tile) =>
    tile.kind === 'remote' && tile.away ? `(${tile.participant.identity})` : tile.key.split(' ').at(-1),
  );

describe('tiles of people who are not back yet', () => {
  it('stay until they are back with what they sent', () => {
    const keeper = new TileKeeper();
    const before = [remote('ada'), remote('bob'), own];
    expect(seen(keeper.update(before, false, 0))).toEqual(['ada', 'bob', 'own-camera']);
    expect(seen(keeper.update(before, true, 1000))).toEqual(['ada', 'bob', 'own-camera']);
    expect(seen(keeper.update([own], false, 3000))).toEqual(['own-camera', '(ada)', '(bob)']);
    expect(seen(keeper.update([remote('bob'), own], false, 3500))).toEqual(['bob', 'own-camera', '(ada)']);
    expect(seen(keeper.update([remote('bob'), remote('ada', false), own], false, 3600))).toEqual([
      'bob',
      '(ada)',
      'own-camera',
    ]);
    expect(seen(keeper.update([remote('bob'), remote('ada'), own], false, 3700))).toEqual(['bob', 'ada', 'own-camera']);
    expect(keeper.lookAgainIn(3700)).toBeUndefined();
  });

  it('go after a while', () => {
    const keeper = new TileKeeper();
    keeper.update([remote('ada'), own], true, 0);
    expect(seen(keeper.update([own], false, 1000))).toEqual(['own-camera', '(ada)']);
    expect(keeper.lookAgainIn(2000)).toBe(7000);
    expect(seen(keeper.update([own], false, 8999))).toEqual(['own-camera', '(ada)']);
    expect(seen(keeper.update([own], false, 9000))).toEqual(['own-camera']);
  });

  it('are not kept for whoever leaves while all is well', () => {
    const keeper = new TileKeeper();
    keeper.update([remote('ada'), own], false, 0);
    expect(seen(keeper.update([own], false, 100))).toEqual(['own-camera']);
  });

  it('outlast a server that goes once more, and a drawing that is repeated', () => {
    const keeper = new TileKeeper();
    keeper.update([remote('ada'), own], true, 0);
    for (const _again of [1, 2]) expect(seen(keeper.update([own], false, 1000))).toEqual(['own-camera', '(ada)']);
    expect(seen(keeper.update([own], true, 2000))).toEqual(['own-camera', '(ada)']);
    expect(seen(keeper.update([own], false, 12_000))).toEqual(['own-camera', '(ada)']);
  });
});
