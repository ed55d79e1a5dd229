import { beforeEach, describe, expect, it } from 'vitest';
import { applyQuality, applyStates } from '../../../src/client/conditions.ts';
import { Hub } from '../../../src/client/Hub.ts';
import { Playback } from '../../../src/client/Playback.ts';
import { Roster } from '../../../src/client/Roster.ts';
import {
  type ParticipantInfo,
  type PublicationInfo,
  plainRoomSettings,
  type RoomSnapshot,
} from '../../../src/protocol/index.ts';

const person = (participantId: string, identity = participantId): ParticipantInfo => ({
  participantId,
  identity,
  displayName: identity,
  metadata: {},
  moderator: false,
  handRaisedAt: null,
  joinedAt: 1,
  connection: 'good',
});

const camera = (publicationId: string, participantId: string): PublicationInfo => ({
  publicationId,
  participantId,
  source: 'camera',
  kind: 'video',
  muted: false,
  width: 640,
  height: 480,
  codec: 'vp8',
  spatialLayers: 2,
  metadata: {},
});

const snapshot = (
  revision: number,
  participants: ParticipantInfo[],
  publications: PublicationInfo[] = [],
): RoomSnapshot => ({
  room: 'r',
  now: 0,
  revision,
  partial: false,
  count: participants.length,
  participants,
  publications,
  videoCodecs: ['vp8'],
  settings: plainRoomSettings,
  spotlight: [],
  ofMainRoom: true,
  speakers: [],
  chat: [],
});

describe('the roster', () => {
  let events: string[];
  let selves: string[];
  let roster: Roster;
  let hub: Hub;

  beforeEach(() => {
    events = [];
    selves = [];
    hub = new Hub();
    for (const name of ['participantJoined', 'participantChanged'] as const) {
      hub.on(name, (participant) => events.push(`${name} ${participant.participantId}`));
    }
    hub.on('participantLeft', (participant, reason) => events.push(`left ${participant.participantId} ${reason}`));
    for (const name of ['publicationAdded', 'publicationRemoved', 'publicationChanged'] as const) {
      hub.on(name, (publication) => events.push(`${name} ${publication.publicationId}`));
    }
    const elements = { attached: () => undefined, detached: () => undefined };
    roster = new Roster(hub, new Playback(hub), elements, (info) => selves.push(info.participantId));
  });

  const ids = () => [...roster.participants.keys()];
  const publications = () => [...roster.publications].map(({ publicationId }) => publicationId);

  it('shows everybody but oneself, with what they publish', () => {
    roster.reset(
      snapshot(5, [person('me'), person('ada'), person('bob')], [camera('c1', 'ada'), camera('c0', 'me')]),
      'me',
    );
    expect(ids()).toEqual(['ada', 'bob']);
    expect(publications()).toEqual(['c1']);
    expect(selves).toEqual(['me']);
    expect(roster.participants.get('ada')?.publication('camera')?.publicationId).toBe('c1');
    expect(events).toEqual(['participantJoined ada', 'participantJoined bob', 'publicationAdded c1']);
  });

  it('applies deltas in order and passes over those that it contains already', () => {
    roster.reset(snapshot(5, [person('me'), person('ada')]), 'me');
    roster.apply({ revision: 4, left: [{ participantId: 'ada', reason: 'left' }] });
    roster.apply({ revision: 5, left: [{ participantId: 'ada', reason: 'left' }] });
    expect(ids()).toEqual(['ada']);
    roster.apply({ revision: 6, participants: [person('bob')], publications: [camera('c2', 'bob')] });
    roster.apply({
      revision: 7,
      unpublished: [{ publicationId: 'c2' }],
      left: [{ participantId: 'ada', reason: 'silent' }],
    });
    expect(ids()).toEqual(['bob']);
    expect(publications()).toEqual([]);
    expect(events.slice(1)).toEqual([
      'participantJoined bob',
      'publicationAdded c2',
      'publicationRemoved c2',
      'left ada silent',
    ]);
  });

  it('takes the publications of those who leave with them', () => {
    roster.reset(snapshot(1, [person('me'), person('ada')], [camera('c1', 'ada')]), 'me');
    roster.apply({ revision: 2, left: [{ participantId: 'ada', reason: 'left' }] });
    expect(publications()).toEqual([]);
    expect(events.slice(-2)).toEqual(['publicationRemoved c1', 'left ada left']);
  });

  it('lets a subscription introduce what the room has not told yet, once', () => {
    roster.reset(snapshot(1, [person('me')]), 'me');
    roster.introduce(person('ada'), camera('c1', 'ada'));
    roster.subscribed('s1', 'c1');
    roster.apply({ revision: 2, participants: [person('ada')], publications: [camera('c1', 'ada')] });
    expect(events).toEqual([
      'participantJoined ada',
      'publicationAdded c1',
      'participantChanged ada',
      'publicationChanged c1',
    ]);
    roster.unsubscribed('s1');
    expect(publications()).toEqual(['c1']);
  });

  it('forgets what came and went between two deltas', () => {
    roster.reset(snapshot(1, [person('me')]), 'me');
    roster.introduce(person('ada'), camera('c1', 'ada'));
    roster.subscribed('s1', 'c1');
    roster.unsubscribed('s1');
    expect(ids()).toEqual([]);
    expect(publications()).toEqual([]);
  });

  it('recognizes people by identity and cameras by source after a reconnect', () => {
    roster.reset(
      snapshot(9, [person('me'), person('ada-1', 'ada'), person('bob-1', 'bob')], [camera('c1', 'ada-1')]),
      'me',
    );
    const ada = roster.participants.get('ada-1');
    const adasCamera = roster.publication('c1');
    events.length = 0;
    // Another server: revisions start anew.
    roster.reset(snapshot(2, [person('me-2'), person('ada-2', 'ada'), person('eve')], [camera('c7', 'ada-2')]), 'me-2');
    expect(ids()).toEqual(['ada-2', 'eve']);
    expect(roster.participants.get('ada-2')).toBe(ada);
    expect(roster.publication('c7')).toBe(adasCamera);
    expect(roster.publication('c1')).toBeUndefined();
    expect(events).toEqual([
      'left bob-1 disconnected',
      'participantChanged ada-2',
      'participantJoined eve',
      'publicationChanged c7',
    ]);
    roster.apply({ revision: 3, unpublished: [{ publicationId: 'c7' }] });
    expect(publications()).toEqual([]);
  });

  it('knows who speaks, how well each is connected, and why a picture does not come', () => {
    roster.reset(snapshot(1, [person('me'), person('ada')], [camera('c1', 'ada')]), 'me');
    const ada = roster.participants.get('ada');
    const setQuality = (list: Parameters<typeof applyQuality>[0]) =>
      applyQuality(list, { roster, hub, local: undefined });
    const setStates = (states: Parameters<typeof applyStates>[0]) => applyStates(states, roster, hub);
    roster.setSpeakers([{ participantId: 'ada', level: -30 }]);
    expect(ada?.isSpeaking).toBe(true);
    expect(ada?.audioLevel).toBeCloseTo(0.5);
    roster.setSpeakers([]);
    expect(ada?.isSpeaking).toBe(false);
    setQuality([
      { participantId: 'ada', quality: 'lost' },
      { participantId: 'gone', quality: 'poor' },
    ]);
    expect(ada?.connection).toBe('lost');
    setStates([{ publicationId: 'c1', status: 'cannot-decode' }]);
    expect(roster.publication('c1')?.status).toBe('cannot-decode');
    setStates([{ publicationId: 'c1', status: 'active', spatialLayer: 1, temporalLayer: 2 }]);
    expect(roster.publication('c1')?.layers).toEqual({ spatial: 1, temporal: 2 });
  });

  describe('of a large room', () => {
    const large = (revision: number, participants: ParticipantInfo[], publications: PublicationInfo[] = []) => ({
      ...snapshot(revision, participants, publications),
      partial: true,
      count: 120,
    });
    let counts: number[];

    beforeEach(() => {
      counts = [];
      hub.on('participantCountChanged', (count) => counts.push(count));
    });

    it('knows how many there are, whoever it knows of them', () => {
      expect(roster.count).toBe(0);
      roster.reset(large(1, [person('me'), person('ada')]), 'me');
      expect([roster.partial, roster.count, roster.participants.size]).toEqual([true, 120, 1]);
      roster.apply({ revision: 2, count: 121 });
      roster.apply({ revision: 3 });
      expect(counts).toEqual([120, 121]);
      roster.clear();
      expect([roster.partial, roster.count]).toEqual([false, 0]);
    });

    it('lets go of those who are hidden, and becomes whole again', () => {
      roster.reset(snapshot(1, [person('me'), person('ada'), person('bob')], [camera('c1', 'ada')]), 'me');
      events.length = 0;
      roster.apply({
        revision: 2,
        partial: true,
        count: 101,
        hidden: [{ participantId: 'me' }, { participantId: 'bob' }, { participantId: 'nobody' }],
      });
      expect([roster.partial, roster.count, ids()]).toEqual([true, 101, ['ada']]);
      roster.apply({ revision: 3, partial: false, participants: ['me', 'ada', 'bob'].map((id) => person(id)) });
      expect([roster.partial, roster.count, ids()]).toEqual([false, 3, ['ada', 'bob']]);
      expect(events).toEqual(['left bob hidden', 'participantChanged ada', 'participantJoined bob']);
      expect(counts).toEqual([3, 101, 3]);
    });

    it('keeps what is received of somebody who is hidden, until it ends', () => {
      const screen = { ...camera('s1', 'ada'), source: 'screen' as const };
      roster.reset(large(1, [person('me'), person('ada')], [camera('c1', 'ada'), screen]), 'me');
      roster.subscribed('sub', 's1');
      roster.apply({ revision: 2, hidden: [{ participantId: 'ada' }] });
      expect([ids(), publications()]).toEqual([['ada'], ['s1']]);
      roster.applyKnown({
        participants: [{ ...person('ada'), displayName: 'Ada' }, person('stranger'), person('me')],
        publications: [{ ...screen, muted: true }, camera('c9', 'stranger')],
      });
      expect([ids(), publications()]).toEqual([['ada'], ['s1']]);
      expect(roster.participants.get('ada')?.displayName).toBe('Ada');
      expect(roster.publication('s1')?.muted).toBe(true);
      expect(selves).toEqual(['me', 'me']);
      roster.unsubscribed('sub');
      expect([ids(), publications()]).toEqual([[], []]);
      expect(events.slice(-2)).toEqual(['publicationRemoved s1', 'left ada hidden']);
    });

    it('keeps somebody who is shown when what was received of them ends', () => {
      roster.reset(large(1, [person('me')]), 'me');
      roster.introduce(person('ada'), camera('c1', 'ada'));
      roster.subscribed('sub', 'c1');
      roster.apply({ revision: 2, participants: [person('ada')], publications: [camera('c1', 'ada')] });
      roster.unsubscribed('sub');
      expect([ids(), publications()]).toEqual([['ada'], ['c1']]);
    });

    it('knows those whom the join introduces, and by reconnects who they were', () => {
      const introduced = { participants: [person('ada')], publications: [camera('c1', 'ada')] };
      roster.reset(large(1, [person('me'), person('bob')]), 'me', introduced);
      roster.subscribed('sub', 'c1');
      const publication = roster.publication('c1');
      expect([ids(), publications()]).toEqual([['bob', 'ada'], ['c1']]);
      const again = { participants: [person('ada-2', 'ada')], publications: [camera('c2', 'ada-2')] };
      roster.reset(large(1, [person('me-2')]), 'me-2', again);
      roster.subscribed('sub-2', 'c2');
      expect(roster.publication('c2')).toBe(publication);
      expect(events).toContain('left bob hidden');
      roster.unsubscribed('sub-2');
      expect(ids()).toEqual([]);
    });

    it('shows as a speaker who becomes known after the first word', () => {
      roster.reset({ ...large(1, [person('me')]), speakers: [{ participantId: 'ada', level: -20 }] }, 'me');
      roster.apply({ revision: 2, participants: [person('ada')] });
      expect(roster.participants.get('ada')?.isSpeaking).toBe(true);
    });
  });
});
