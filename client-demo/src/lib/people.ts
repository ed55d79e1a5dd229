import type {
  ListedParticipant,
  LocalParticipant,
  RemoteParticipant,
  Room,
  Source,
} from '../../../src/client/index.ts';

/** Somebody in the list of people. */
export interface Person {
  readonly participantId: string;
  readonly identity: string;
  readonly displayName: string;
  readonly own: boolean;
  readonly moderator: boolean;
  readonly muted: boolean;
  /** Milliseconds since 1970. */
  readonly handRaisedAt: number | undefined;
  /** The camera's publication, where there is one. */
  readonly cameraId: string | undefined;
  readonly cameraOn: boolean;
  /** The publications of a shared screen, with its sound. */
  readonly screenIds: readonly string[];
}

interface Sent {
  readonly source: Source;
  readonly publicationId: string | undefined;
  readonly muted: boolean;
}

/** What can be seen of what somebody sends. */
function sending(publications: Iterable<Sent>): Pick<Person, 'muted' | 'cameraId' | 'cameraOn' | 'screenIds'> {
  const all = [...publications];
  const camera = all.findLast(({ source }) => source === 'camera');
  const screens = all.filter(({ source }) => source === 'screen' || source === 'screen-audio');
  return {
    muted: all.findLast(({ source }) => source === 'microphone')?.muted ?? true,
    cameraId: camera?.publicationId,
    cameraOn: camera?.muted === false,
    screenIds: screens.flatMap(({ publicationId }) => publicationId ?? []),
  };
}

function personOf(
  who: RemoteParticipant | LocalParticipant | ListedParticipant,
  own: boolean,
  publications: Iterable<Sent>,
): Person {
  const { participantId, identity, displayName, moderator, handRaisedAt } = who;
  return { participantId, identity, displayName, own, moderator, handRaisedAt, ...sending(publications) };
}

export function otherPerson(participant: RemoteParticipant): Person {
  return personOf(participant, false, participant.publications.values());
}

export function ownPerson(participant: LocalParticipant): Person {
  return personOf(participant, true, participant.publications.values());
}

export function listedPerson(participant: ListedParticipant): Person {
  return personOf(participant, participant.isLocal, participant.publications);
}

/** Everybody who is known here, by name. */
export function knownPeople(room: Room): Person[] {
  const others = [...room.participants.values()].map(otherPerson);
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
