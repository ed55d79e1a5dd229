import type { PlenumError, View } from '../protocol/index.ts';
import { ElementView } from './ElementView.ts';
import { ElementWatch } from './ElementWatch.ts';
import { toPlenumError } from './errors.ts';
import type { Hub } from './Hub.ts';
import type { ElementListener, RemotePublication } from './RemotePublication.ts';
import type { Session } from './Session.ts';
import { ViewSync } from './ViewSync.ts';

/**
 * What to receive. `elements`: what the page shows, as large as it shows it; before anything has been attached, as
 * `auto`. `auto`: what the server chooses. A list: exactly these videos.
 */
export type ViewChoice = View | 'elements';

/** What this participant wants to receive, by the application's word or by the elements on the page. */
export class Views {
  /** For publications: tells which elements show them. */
  readonly listener: ElementListener;
  readonly #hub: Hub;
  readonly #sync = new ViewSync();
  readonly #elements: ElementView;
  readonly #stops: (() => void)[];
  #byElements = true;
  #limit = 0;

  constructor(hub: Hub, publications: () => Iterable<RemotePublication>) {
    this.#hub = hub;
    const elements = new ElementView({
      openSights: (onChange, onPageShown) => new ElementWatch(onChange, onPageShown),
      publications,
      limit: () => this.#limit,
      send: (view) => this.#send(view),
    });
    this.#elements = elements;
    this.listener = elements;
    this.#stops = [
      hub.on('publicationAdded', (publication) => elements.added(publication)),
      hub.on('publicationChanged', () => elements.update()),
      hub.on('publicationRemoved', (publication) => elements.removed(publication)),
    ];
  }

  /** Resolves when this choice, or a newer one, has reached the server. */
  choose(choice: ViewChoice): Promise<void> {
    return this.#sync.set(this.#take(choice));
  }

  /** Whose audio is always wanted: identities. Resolves as `choose()` does. */
  pin(identities: readonly string[]): Promise<void> {
    return this.#sync.pin(identities);
  }

  get pinned(): string[] {
    return this.#sync.pinned;
  }

  /** The view that goes with a join. */
  beginJoin(choice?: ViewChoice): View {
    return this.#sync.beginJoin(choice === undefined ? undefined : this.#take(choice));
  }

  #take(choice: ViewChoice): View {
    this.#byElements = choice === 'elements';
    if (choice === 'elements') return this.#elements.start(this.#sync.view);
    this.#elements.stop();
    return choice;
  }

  /** A visit begins; called before anything of it is known. */
  entering(): void {
    this.#elements.entering(this.#sync.view);
  }

  /** From now on views can be sent. */
  attach(session: Session): void {
    this.#limit = session.welcome.limits.autoViewVideos;
    this.#sync.attach((version, view, pinned) => session.request('setView', { version, view, pinned }));
  }

  detach(): void {
    this.#sync.detach();
  }

  /** Nothing will be sent any more. */
  close(error: PlenumError): void {
    for (const stop of this.#stops) stop();
    this.#elements.close();
    this.#sync.close(error);
  }

  #send(view: View): void {
    this.#sync.set(view).catch((error: unknown) => {
      const known = toPlenumError(error);
      // The room was left, or the application has decided meanwhile.
      if (known.code === 'aborted' || !this.#byElements) return;
      this.#elements.refused();
      this.#hub.emit('error', known);
    });
  }
}
