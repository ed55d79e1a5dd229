import type { Guest } from '../world/Guest.ts';
import { explainStill, isTold } from './explain.ts';
import { type Still, stillMs } from './soakPage.ts';

/** What is told of somebody: the name, and each publication with whether it is muted. */
interface Sight {
  state: string;
  /** By identity. */
  people: Record<string, string>;
  /** When each person was heard last, and since when the own microphone has been muted: milliseconds since 1970. */
  heardAt: Record<string, number>;
  mutedSince: number | undefined;
  still: Still[];
}

/**
 * Rosters may differ, somebody may be on the way back, and sound of somebody who has just muted may arrive, for so long, in
 * milliseconds; where a network was away when they did, what was said before is sent once more. Pages look ten times a
 * second, where four of them leave them the time.
 */
const patience = { roster: 3000, joined: 5000, sound: 3000, lateSound: 6000 };

/** What has been broken. */
export interface Faults {
  /** Whether one is on at this moment: rosters may differ while somebody cannot be told anything. */
  isOn(): boolean;
  /** Whether one has been on, or was felt still, at any time since then (milliseconds since 1970). */
  feltSince(then: number): boolean;
  /** The last one, and when it began; in words. */
  last(): string;
}

/** What people must never see or hear, whatever goes wrong; looked at again and again. */
export class Invariants {
  readonly violations: string[] = [];
  readonly #guests: () => readonly Guest[];
  readonly #faults: Faults;
  /** Of whom it has been told that they were heard although they had muted: since when they had. */
  readonly #toldOf = new Map<string, number>();
  /** By identity, since when not all are told the same. */
  readonly #unequalSince = new Map<string, number>();
  /** By name, since when somebody has not been in the call. */
  readonly #awaySince = new Map<string, number>();

  constructor(guests: () => readonly Guest[], faults: Faults) {
    this.#guests = guests;
    this.#faults = faults;
  }

  async look(): Promise<void> {
    const faultIsOn = this.#faults.isOn();
    const guests = this.#guests();
    // Somebody may be on the way out while being asked.
    const sights = await Promise.all(guests.map((guest) => sightOf(guest).catch(() => undefined)));
    const seen = guests.flatMap(({ name }, index) => {
      const sight = sights[index];
      return sight ? [{ name, sight }] : [];
    });
    const now = Date.now();
    this.#expectJoined(seen, now, faultIsOn);
    this.#compareRosters(seen, now, faultIsOn);
    this.#listen(seen);
    const still = seen.flatMap(({ name, sight }) => sight.still.map((each) => this.#stands(each, name)));
    await Promise.all(still);
  }

  async #stands({ publicationId, source, displayName }: Still, name: string): Promise<void> {
    const what = `${name}: the ${source} of ${displayName} stands still for more than ${stillMs} ms`;
    const last = this.#faults.last();
    const [viewer, publisher] = [name, displayName].map((who) => this.#guests().find((guest) => guest.name === who));
    // A load client that ends has stopped sending before it leaves.
    if (viewer && !publisher && !(await isTold(viewer, publicationId))) return;
    const why = viewer ? await explainStill(viewer, publisher, publicationId) : '  the viewer has left';
    this.#note(last, `${what}\n${why}`);
  }

  #expectJoined(seen: { name: string; sight: Sight }[], now: number, faultIsOn: boolean): void {
    const away = faultIsOn ? [] : seen.filter(({ sight }) => sight.state !== 'joined');
    for (const name of this.#awaySince.keys()) {
      if (!away.some((each) => each.name === name)) this.#awaySince.delete(name);
    }
    for (const { name, sight } of away) {
      const since = this.#awaySince.get(name) ?? now;
      this.#awaySince.set(name, since);
      if (now - since < patience.joined) continue;
      this.#awaySince.delete(name);
      this.violated(`${name} is ${sight.state} for more than ${patience.joined} ms though nothing is broken`);
    }
  }

  /** Each person by itself: in a room in which somebody always comes or goes, whole rosters hardly ever agree. */
  #compareRosters(seen: { name: string; sight: Sight }[], now: number, faultIsOn: boolean): void {
    const rosters = seen.filter(({ sight }) => sight.state === 'joined').map(({ sight }) => sight.people);
    const identities = new Set(faultIsOn ? [] : rosters.flatMap((people) => Object.keys(people)));
    const unequal = [...identities].filter((identity) => new Set(rosters.map((people) => people[identity])).size > 1);
    for (const identity of this.#unequalSince.keys()) {
      if (!unequal.includes(identity)) this.#unequalSince.delete(identity);
    }
    for (const identity of unequal) {
      const since = this.#unequalSince.get(identity) ?? now;
      this.#unequalSince.set(identity, since);
      if (now - since < patience.roster) continue;
      this.#unequalSince.delete(identity);
      const told = rosters.map((people) => people[identity] ?? 'not there').join(' / ');
      this.violated(`rosters differ for more than ${patience.roster} ms about ${identity}: ${told}`);
    }
  }

  #listen(seen: { name: string; sight: Sight }[]): void {
    const mutedSince = new Map(seen.map(({ name, sight }) => [name, sight.mutedSince]));
    for (const { name, sight } of seen) {
      for (const [speaker, heardAt] of Object.entries(sight.heardAt)) {
        const since = mutedSince.get(speaker);
        if (since === undefined || this.#toldOf.get(speaker) === since) continue;
        if (heardAt - since < (this.#faults.feltSince(since) ? patience.lateSound : patience.sound)) continue;
        this.#toldOf.set(speaker, since);
        this.violated(`${name} hears ${speaker}, who has muted ${Math.round(heardAt - since)} ms before`);
      }
    }
  }

  /** Something that must never be. */
  violated(what: string): void {
    this.#note(this.#faults.last(), what);
  }

  #note(lastFault: string, what: string): void {
    this.violations.push(`${new Date().toISOString()} (${lastFault}) ${what}`);
  }
}

function sightOf({ page }: Guest): Promise<Sight> {
  return page.evaluate(() => {
    const { plenum, chaosGaps, soak } = window;
    const { origin, heard } = chaosGaps.read();
    const told = [...plenum.participants.values(), ...(plenum.local ? [plenum.local] : [])].map((person) => {
      // A camera that is off looks the same as none.
      const publications = [...person.publications.values()]
        .filter(({ kind, muted }) => kind === 'audio' || !muted)
        .map(({ source, muted }) => `${source}${muted ? ' muted' : ''}`);
      return [person.identity, publications.sort().join(', ')] as const;
    });
    return {
      state: plenum.state,
      people: Object.fromEntries(told.toSorted(([a], [b]) => a.localeCompare(b))),
      heardAt: Object.fromEntries(Object.entries(heard).map(([name, at]) => [name, origin + at])),
      mutedSince: soak.mutedSince(),
      still: soak.take(),
    };
  });
}
