import type { Guest } from '../world/Guest.ts';

/** What is told of somebody: the name, and each publication with whether it is muted. */
interface Sight {
  joined: boolean;
  /** By identity. */
  people: Record<string, string>;
  /** When sound of each person came last, and whether the own microphone is silent: milliseconds since 1970. */
  heardAt: Record<string, number>;
  ownMuted: boolean;
  frozen: string[];
}

/** Rosters may differ, and sound of somebody who has just muted may arrive, for so long, in milliseconds. */
const patience = { roster: 3000, sound: 1500 };

/** What people must never see or hear, whatever goes wrong; looked at again and again. */
export class Invariants {
  readonly violations: string[] = [];
  readonly #guests: () => readonly Guest[];
  readonly #mutedSince = new Map<string, number>();
  #unequalSince: number | undefined;

  constructor(guests: () => readonly Guest[]) {
    this.#guests = guests;
  }

  /** @param faultIsOn rosters may differ while somebody cannot be told anything */
  async look(faultIsOn: boolean): Promise<void> {
    const guests = this.#guests();
    // Somebody may be on the way out while being asked.
    const sights = await Promise.all(guests.map((guest) => sightOf(guest).catch(() => undefined)));
    const seen = guests.flatMap(({ name }, index) => {
      const sight = sights[index];
      return sight ? [{ name, sight }] : [];
    });
    for (const { name, sight } of seen) {
      for (const what of sight.frozen) this.#violated(`${name}: ${what}`);
    }
    this.#compareRosters(seen, faultIsOn);
    this.#listen(seen);
  }

  #compareRosters(seen: { name: string; sight: Sight }[], faultIsOn: boolean): void {
    const rosters = new Set(seen.filter(({ sight }) => sight.joined).map(({ sight }) => JSON.stringify(sight.people)));
    if (rosters.size <= 1 || faultIsOn) {
      this.#unequalSince = undefined;
      return;
    }
    this.#unequalSince ??= Date.now();
    if (Date.now() - this.#unequalSince < patience.roster) return;
    this.#unequalSince = undefined;
    this.#violated(`rosters differ for more than ${patience.roster} ms: ${[...rosters].join(' / ')}`);
  }

  #listen(seen: { name: string; sight: Sight }[]): void {
    for (const { name, sight } of seen) {
      if (!sight.ownMuted) this.#mutedSince.delete(name);
      else if (!this.#mutedSince.has(name)) this.#mutedSince.set(name, Date.now());
    }
    for (const { name, sight } of seen) {
      for (const [speaker, heardAt] of Object.entries(sight.heardAt)) {
        const since = this.#mutedSince.get(speaker);
        if (since === undefined || heardAt - since < patience.sound) continue;
        this.#mutedSince.set(speaker, Date.now());
        this.#violated(`${name} hears ${speaker}, who has muted ${Math.round(heardAt - since)} ms before`);
      }
    }
  }

  #violated(what: string): void {
    this.violations.push(`${new Date().toISOString()} ${what}`);
  }
}

function sightOf({ page }: Guest): Promise<Sight> {
  return page.evaluate(() => {
    const { plenum, chaosGaps, soak } = window;
    const { origin, audio } = chaosGaps.read();
    const told = [...plenum.participants.values(), ...(plenum.local ? [plenum.local] : [])].map((person) => {
      const publications = [...person.publications.values()].map(
        ({ source, muted }) => `${source}${muted ? ' muted' : ''}`,
      );
      return [person.identity, publications.sort().join(', ')] as const;
    });
    return {
      joined: plenum.state === 'joined',
      people: Object.fromEntries(told.toSorted(([a], [b]) => a.localeCompare(b))),
      heardAt: Object.fromEntries(Object.entries(audio).map(([name, { last }]) => [name, origin + last])),
      ownMuted: plenum.local?.publications.get('microphone')?.muted ?? false,
      frozen: soak.take(),
    };
  });
}
