/**
 * What runs in the page of each participant during a soak: looks for pictures that stand still although they should not,
 * accepts files, and has something on it that moves, since whoever shares a page on which nothing happens sends nothing.
 */

export interface Still {
  publicationId: string;
  source: string;
  displayName: string;
}

/** So long an unmuted picture may stand still, in milliseconds. */
export const stillMs = 5000;

declare global {
  interface Window {
    soak: {
      /** What has stood still for too long since it was last asked. */
      take(): Still[];
      /** No picture can come now; or from now on again, so that the time in which it stands still begins anew. */
      wait(): void;
      goOn(): void;
      /** Since when the own microphone has been muted, in milliseconds since 1970; undefined: it is not. */
      mutedSince(): number | undefined;
    };
  }
}

/** Given to the page as text, so it uses nothing from outside of itself. @param patienceMs how long one may stand still */
export function watchTiles(patienceMs: number): void {
  const lookEveryMs = 250;
  const seen = new Map<string, { element: HTMLVideoElement; frames: number; movedAt: number; told: boolean }>();
  const found: Still[] = [];

  /** By the publication's id, the element that shows it; only of those that should move. */
  const shown = () => {
    const elements = new Map<string, Still & { element: HTMLVideoElement }>();
    const { plenum } = window;
    if (!plenum || document.visibilityState !== 'visible') return elements;
    for (const { displayName, identity, publications, connection } of plenum.participants.values()) {
      for (const { publicationId, kind, muted, status, source } of publications.values()) {
        if (kind !== 'video' || muted || connection === 'lost') continue;
        // Anything else is told: hidden, or paused to keep the sound. Who sends nothing has no such excuse.
        if (status !== 'active' && status !== 'inactive') continue;
        const tile = `[data-testid="tile"][data-identity="${CSS.escape(identity)}"][data-source="${source}"]`;
        const element = document.querySelector<HTMLVideoElement>(`${tile} video`);
        if (element?.checkVisibility()) elements.set(publicationId, { publicationId, source, displayName, element });
      }
    }
    return elements;
  };

  const known = new WeakSet<object>();
  let mutedSince: number | undefined;
  const follow = () => {
    const { plenum } = window;
    if (!plenum || known.has(plenum)) return;
    known.add(plenum);
    plenum.on('fileOffered', (file) => {
      // What becomes of it the sender says.
      file.accept().catch(() => undefined);
    });
    plenum.on('localPublicationChanged', ({ source, muted }) => {
      if (source !== 'microphone') return;
      mutedSince = muted ? (mutedSince ?? Date.now()) : undefined;
    });
  };

  const moving = document.createElement('div');
  moving.style.cssText = 'position: fixed; bottom: 0; left: 0; width: 8px; height: 8px; pointer-events: none';
  let turn = 0;
  const move = () => {
    turn += 1;
    moving.style.background = turn % 2 === 0 ? 'black' : 'white';
    if (!moving.isConnected) document.body?.append(moving);
  };

  let waiting = false;
  setInterval(() => {
    follow();
    move();
    if (waiting) return;
    const now = performance.now();
    const current = shown();
    for (const id of seen.keys()) if (!current.has(id)) seen.delete(id);
    for (const [id, { element, ...still }] of current) {
      const frames = element.getVideoPlaybackQuality().totalVideoFrames;
      const before = seen.get(id);
      if (!before || before.element !== element || before.frames !== frames) {
        seen.set(id, { element, frames, movedAt: now, told: false });
      } else if (!before.told && now - before.movedAt > patienceMs) {
        before.told = true;
        found.push(still);
      }
    }
  }, lookEveryMs);

  window.soak = {
    take: () => found.splice(0),
    wait() {
      waiting = true;
      seen.clear();
    },
    goOn() {
      waiting = false;
    },
    mutedSince: () => mutedSince,
  };
}
