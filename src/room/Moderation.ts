import type { Logger } from '../log.ts';
import {
  type Ban,
  type ErrorCode,
  type ModerationAction,
  type Moderator,
  PlenumError,
  type RoomSettingChanges,
} from '../protocol/index.ts';
import { type Actor, type Deed, moderatorOf } from './Actor.ts';
import type { GrantChanges } from './ChangedRights.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock } from './ports.ts';
import { mayMove } from './Redirects.ts';
import type { RoomRoster } from './RoomRoster.ts';
import type { Spotlight } from './Spotlight.ts';
import { hasSay, type Reach, roomsOf, Standing, type StandingOptions } from './Standing.ts';

type ActionOf<Name extends ModerationAction['action']> = Extract<ModerationAction, { action: Name }>;

export interface ModerationOptions extends StandingOptions {
  clock: Clock;
  roster: RoomRoster;
  spotlight: Spotlight;
  /** What has been decided for the room of that name, where it or, for a main one, another one of its family is there. */
  standingIn: (room: string) => Reach | undefined;
  changeSettings: (changes: RoomSettingChanges, by: Actor) => void;
  /** Ends the room for everybody. */
  end: (by: Moderator) => void;
  /** All visits of one person, or none. @throws PlenumError where they cannot go on in that room */
  move: (visits: readonly Participant[], room: string, by: Actor) => void;
  /** Something was done, or could not be. Called once for each action, when it is over. */
  acted: (deed: Omit<Deed, 'room'>) => void;
  log: Logger;
}

/**
 * What moderators and the application's server do to others; what holds of it afterwards is in `Standing`. Who is a
 * moderator was checked before.
 */
export class Moderation {
  readonly #options: ModerationOptions;
  readonly standing: Standing;

  constructor(options: ModerationOptions) {
    this.#options = options;
    this.standing = new Standing(options);
  }

  /**
   * @throws PlenumError `not-found` for an id of nobody in the room, or of nothing that is published; `forbidden` for what
   *   moderators may not do
   */
  async act(actor: Actor, action: ModerationAction): Promise<void> {
    const { log, acted } = this.#options;
    log.info({ by: actor.kind === 'participant' ? actor.participant.identity : actor.name, ...action }, 'moderation');
    const deed = { by: actor, action, target: this.#targetOf(action) };
    try {
      await this.#do(actor, action);
    } catch (error) {
      acted({ ...deed, outcome: error instanceof PlenumError ? error.code : 'internal' });
      throw error;
    }
    acted({ ...deed, outcome: 'done' });
  }

  /** Somebody asked for what it may not do. */
  refused(by: Actor, action: ModerationAction, outcome: ErrorCode): void {
    this.#options.acted({ by, action, target: this.#targetOf(action), outcome });
  }

  async #do(actor: Actor, action: ModerationAction): Promise<void> {
    const { changeSettings, door, end, spotlight } = this.#options;
    const by = moderatorOf(actor);
    switch (action.action) {
      case 'mute':
        return this.#mute(actor, action);
      case 'ask-to-unmute':
        this.#find(action.participantId, actor).link.notify('unmuteAsked', { by });
        return;
      case 'unpublish':
        return this.#unpublish(actor, action);
      case 'remove':
        return this.#remove(actor, action);
      case 'unban':
        return this.#unban(actor, action);
      case 'lock':
        return changeSettings({ locked: action.locked }, actor);
      case 'settings':
        return changeSettings(action.changes, actor);
      case 'spotlight':
        return spotlight.set(action.identities, moderatorOf(actor));
      case 'admit':
        return door.admit(action.knockId);
      case 'refuse':
        return this.#refuse(action, by);
      case 'move':
        return this.#move(actor, action);
      case 'lower-hands':
        return this.#lowerHands(actor, action);
      case 'grant':
        return this.#grant(actor, action);
      case 'end':
        return end(by);
    }
  }

  async #mute(actor: Actor, { participantId, source }: ActionOf<'mute'>): Promise<void> {
    const by = moderatorOf(actor);
    const oneself = actor.kind === 'participant' ? actor.participant : undefined;
    const { participants } = this.#options.roster;
    const those = participantId
      ? [this.#find(participantId, actor)]
      : participants.filter((each) => each.identity !== oneself?.identity);
    for (const person of those) person.muteBeginning(source, by);
    const all = those.flatMap((person) =>
      person.publications.filter((each) => each.source === source && !each.muted).map((each) => ({ person, each })),
    );
    const muted = await Promise.allSettled(all.map(({ person, each }) => mute(person, each, by)));
    // What has just been unpublished, or went with its worker, is silent as well.
    const failure = muted.find((each) => each.status === 'rejected' && !isGone(each.reason));
    if (failure?.status === 'rejected') throw failure.reason;
  }

  #unpublish(actor: Actor, { publicationId }: ActionOf<'unpublish'>): void {
    const { roster } = this.#options;
    const publication = roster.publications.get(publicationId);
    if (!publication) throw new PlenumError('not-found', 'there is no publication of that id');
    const person = this.#find(publication.participantId, actor);
    person.unpublish(publicationId);
    person.link.notify('unpublished', { publicationId, by: moderatorOf(actor) });
  }

  #remove(actor: Actor, { participantId, ban, reason }: ActionOf<'remove'>): void {
    const by = moderatorOf(actor);
    const person = this.#find(participantId, actor);
    const { identity, hidden } = person;
    const rooms = roomsOf(actor, this.#options.room, person);
    if (ban) this.#ban(person, by, { rooms, reason, hidden });
    const lasting = ban ? ' for as long as it lasts' : '';
    for (const visit of this.#options.roster.allWithIdentity(identity)) {
      visit.dismiss('removed', `${by.displayName} has removed you from the room${lasting}${because(reason)}`, by);
    }
    // As long as it is here, it moderates the main room as well, where somebody else may have to be the host now.
    for (const standing of this.#standingsIn(rooms)) standing.sentAway(identity);
  }

  #refuse({ knockId, ban, reason }: ActionOf<'refuse'>, by: Moderator): void {
    const { door, room } = this.#options;
    const knock = door.knockOf(knockId);
    const refused = ban ? 'does not let you in for as long as the meeting lasts' : 'did not let you in';
    door.refuse(knockId, `${by.displayName} ${refused}${because(reason)}`, by);
    if (ban && knock) this.#ban(knock, by, { rooms: [room], reason, hidden: false });
  }

  #ban(
    { identity, displayName }: Pick<Ban, 'identity' | 'displayName'>,
    by: Moderator,
    { rooms, reason, hidden }: { rooms: readonly string[]; reason: string | undefined; hidden: boolean },
  ): void {
    const at = this.#options.clock.date();
    const ban = { identity, displayName, by, at, ...(reason !== undefined && { reason }) };
    for (const { bans } of this.#standingsIn(rooms)) bans.add(ban, { rooms, hidden });
  }

  #unban(actor: Actor, { identity }: ActionOf<'unban'>): void {
    const { ban, rooms } = this.standing.lift(identity, actor);
    const others = rooms.filter((room) => hasSay(actor, this.#options.room, room));
    for (const standing of this.#standingsIn(others)) standing.liftedElsewhere(ban);
  }

  #standingsIn(rooms: readonly string[]): Reach[] {
    const { room: own, standingIn } = this.#options;
    return rooms.flatMap((room) => (room === own ? this.standing : standingIn(room)) ?? []);
  }

  #move(actor: Actor, { participantId, room }: ActionOf<'move'>): void {
    const { room: name, roster, move } = this.#options;
    if (actor.kind === 'participant' && !mayMove(actor.participant, name, room)) {
      throw new PlenumError('forbidden', whoMoves);
    }
    const { identity, tokenRoom } = this.#find(participantId, actor);
    const visits = roster.allWithIdentity(identity).filter((visit) => visit.tokenRoom === tokenRoom);
    move(visits, room, actor);
  }

  #lowerHands(actor: Actor, { participantId }: ActionOf<'lower-hands'>): void {
    const { participants } = this.#options.roster;
    const those = participantId ? [this.#find(participantId, actor)] : participants;
    for (const person of those) {
      if (!person.handRaised) continue;
      person.raiseHand(null);
      const isOneself = actor.kind === 'participant' && actor.participant === person;
      if (!isOneself) person.link.notify('handLowered', { by: moderatorOf(actor) });
    }
  }

  #grant(actor: Actor, { participantId, changes }: ActionOf<'grant'>): void {
    const by = moderatorOf(actor);
    const person = this.#find(participantId, actor);
    const { identity } = person;
    // Also by another visit of one's own.
    const isOneself = actor.kind === 'participant' && actor.participant.identity === identity;
    if (isOneself && !onlyGivesUp(changes)) {
      throw new PlenumError('forbidden', 'of your own rights you can only give up moderation');
    }
    this.#checkReach(actor, person);
    const rooms = roomsOf(actor, this.#options.room, person);
    for (const standing of this.#standingsIn(rooms)) standing.change(identity, changes, by);
  }

  /** Rights go along with people of other rooms when they go back: who moderates nothing but this room does not change them. */
  #checkReach(actor: Actor, { tokenRoom }: Participant): void {
    const { room } = this.#options;
    if (actor.kind !== 'participant' || tokenRoom === room || mayMove(actor.participant, room, room)) return;
    throw new PlenumError(
      'forbidden',
      'only who moderates the main room changes the rights of people who were moved here',
    );
  }

  /** Identity of the one whom it concerns. */
  #targetOf(action: ModerationAction): string | undefined {
    const { roster } = this.#options;
    if ('publicationId' in action) {
      const publisher = roster.publications.get(action.publicationId)?.participantId;
      return publisher === undefined ? undefined : roster.participant(publisher)?.identity;
    }
    if (action.action === 'unban') return action.identity;
    if ('knockId' in action && action.knockId !== undefined)
      return this.#options.door.knockOf(action.knockId)?.identity;
    if (!('participantId' in action) || action.participantId === undefined) return undefined;
    return roster.participant(action.participantId)?.identity;
  }

  /** No participant learns of a hidden one by trying; the application knows of them. */
  #find(participantId: string, { kind }: Actor): Participant {
    const person = this.#options.roster.participant(participantId);
    if (!person || (person.hidden && kind !== 'application'))
      throw new PlenumError('not-found', 'there is no participant of that id');
    return person;
  }
}

const whoMoves =
  'people are moved only between rooms whose names are the same up to the first "--", by moderators whose token is for the ' +
  'room of the name before it; ask the application to move them, or for such a token';

/** What one may change of one's own rights: a ceiling that is in the token is as little to be lifted as a right to be taken. */
function onlyGivesUp(changes: GrantChanges): boolean {
  return Object.entries(changes).every(([name, value]) => name === 'moderator' && value === false);
}

/** What a moderator has said of it, at the end of the sentence that tells it. */
function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

async function mute(person: Participant, { publicationId }: Publication, by: Moderator): Promise<void> {
  const done = person.updatePublication({ requestId: publicationId, publicationId, muted: true });
  person.link.notify('muted', { publicationId, by });
  await done;
}

function isGone(error: unknown): boolean {
  return error instanceof PlenumError && (error.code === 'closed' || error.code === 'not-found');
}
