import type { ListedParticipant, LocalParticipant, RemoteParticipant, Room } from '../../../src/client/index.ts';

/** Somebody in the list of people. */
export interface Person {
  readonly identity: string;
  readonly displayName: string;
  readonly own: boolean;
  readonly muted: boolean;
  /** Milliseconds since 1970. */
  readonly handRaisedAt: number | undefined;
  /** The camera's publication, where there is one. */
  readonly cameraId: string | undefined;
}

export function personOf(participant: RemoteParticipant): Person {
  const { identity, displayName, handRaisedAt } = participant;
  const muted = participant.publication('microphone')?.muted ?? true;
  return {
    identity,
    displayName,
    own: false,
    muted,
    handRaisedAt,
    cameraId: participant.publication('camera')?.publicationId,
  };
}

export function ownPerson({ identity, displayName, handRaisedAt, publications }: LocalParticipant): Person {
  const muted = publications.get('microphone')?.muted ?? true;
  return { identity, displayName, own: true, muted, handRaisedAt, cameraId: undefined };
}

export function listedPerson({
  identity,
  displayName,
  handRaisedAt,
  isLocal,
  publications,
}: ListedParticipant): Person {
  const find = (source: string) => publications.find((publication) => publication.source === source);
  const muted = find('microphone')?.muted ?? true;
  return { identity, displayName, own: isLocal, muted, handRaisedAt, cameraId: find('camera')?.publicationId };
}

/** Everybody who is known here, by name. */
export function knownPeople(room: Room): Person[] {
  const others = [...room.participants.values()].map(personOf);
  const all = room.local === undefined ? others : [ownPerson(room.local), ...others];
  return all.sort(byName);
}

const names = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

function byName(a: Person, b: Person): number {
  return names.compare(a.displayName, b.displayName) || names.compare(a.identity, b.identity);
}

/** Whether each word of a query is part of somebody's name, whatever its case and accents. */
export function matches({ displayName, identity }: Person, query: string): boolean {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const text = plain(`${displayName} ${identity}`);
  return words.every((word) => text.includes(word));
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Those with a raised hand, who waits longest first; the others as they were. */
export function splitByHand(people: readonly Person[]): { hands: Person[]; others: Person[] } {
  const hands = people.filter(({ handRaisedAt }) => handRaisedAt !== undefined);
  return {
    hands: hands.toSorted((a, b) => (a.handRaisedAt ?? 0) - (b.handRaisedAt ?? 0)),
    others: people.filter(({ handRaisedAt }) => handRaisedAt === undefined),
  };
}

/** Names from a page that was fetched, states from what is known now; and whoever is known by a raised hand as well. */
export function refreshed(listed: readonly Person[], known: readonly Person[], query: string): Person[] {
  const byIdentity = new Map(known.map((person) => [person.identity, person]));
  const now = listed.map((person) => byIdentity.get(person.identity) ?? person);
  const there = new Set(now.map(({ identity }) => identity));
  const waiting = known.filter(
    (person) => person.handRaisedAt !== undefined && !there.has(person.identity) && matches(person, query),
  );
  return [...now, ...waiting];
}
