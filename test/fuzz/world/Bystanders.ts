import type { Notice } from '../../../src/protocol/index.ts';
import { newRequestId } from '../../support/RawClient.ts';
import type { Joined } from '../../support/stage.ts';
import { waitFor } from '../../support/waitFor.ts';

/** What people are told who do nothing but be there: of how it goes, and not of what anybody does. */
export const usual: ReadonlySet<string> = new Set([
  'speakers',
  'quality',
  'wantedLayers',
  'subscriptionState',
  'keyFrameWanted',
]);

type Told = Joined['notices'][number];

/** The people of a small room, who do nothing, and to whom nothing is to be done, while somebody elsewhere tries to. */
export class Bystanders {
  readonly #people: readonly Joined[];
  readonly #last: Joined;
  #before: number[] = [];
  #lastAs = '';

  /** @param people all who are in the room */
  static async of(people: readonly Joined[]): Promise<Bystanders> {
    const last = people.at(-1);
    if (!last) throw new Error('somebody has to be there');
    const bystanders = new Bystanders(people, last);
    bystanders.#lastAs = await bystanders.#hand(true);
    bystanders.#before = people.map(({ notices }) => notices.length);
    return bystanders;
  }

  private constructor(people: readonly Joined[], last: Joined) {
    this.#people = people;
    this.#last = last;
  }

  /** What they have been told of what was done to them or their room, up to now. */
  async heard(): Promise<unknown[]> {
    const now = await this.#hand(false);
    const news = this.#people.flatMap(({ notices }, index) => notices.slice(this.#before[index]));
    const unusual = news.filter(({ name }) => !usual.has(name)).flatMap((told) => this.#but(told));
    return now === this.#lastAs ? unusual : [...unusual, now];
  }

  /** A hand goes up or down, and when all have been told of it, they have been told of all that was before. */
  async #hand(raised: boolean): Promise<string> {
    const before = this.#people.map(({ notices }) => notices.length);
    await this.#last.request('raiseHand', { requestId: newRequestId(), raised });
    const told = await Promise.all(
      this.#people.map((person, index) =>
        waitFor(
          'the hand',
          () => person.notices.slice(before[index]).flatMap((each) => this.#lastIn(each, raised) ?? [])[0],
        ),
      ),
    );
    return told[0] ?? '';
  }

  /** All but the hand of whoever came last, if this tells of it. */
  #lastIn({ name, payload }: Told, raised: boolean): string | undefined {
    if (name !== 'roomChanged') return undefined;
    const { participants = [] } = payload as Notice<'roomChanged'>;
    const found = participants.find(({ participantId }) => participantId === this.#last.answer.participantId);
    if (!found || (found.handRaisedAt !== null) !== raised) return undefined;
    const { handRaisedAt: _hand, connection: _quality, ...rest } = found;
    return JSON.stringify(rest);
  }

  /** A change in which nothing but the hand has changed is none. */
  #but(told: Told): Told[] {
    if (this.#lastIn(told, false) === undefined) return [told];
    const { participants = [], revision: _revision, ...others } = told.payload as Notice<'roomChanged'>;
    return participants.length === 1 && Object.keys(others).length === 0 ? [] : [told];
  }
}
