import { useSyncExternalStore } from 'react';

/** Two pages need no router library: this is the address bar as a store. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'room'; readonly room: string }
  | { readonly page: 'unknown' };

export function routeOf(pathname: string): Route {
  if (pathname === '/' || pathname === '/index.html') return { page: 'home' };
  const room = /^\/r\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (room === undefined) return { page: 'unknown' };
  try {
    return { page: 'room', room: decodeURIComponent(room) };
  } catch {
    return { page: 'room', room };
  }
}

export function roomPath(room: string): string {
  return `/r/${encodeURIComponent(room)}`;
}

/** The link to give to others: without the parameters that concern oneself. */
export function roomLink(room: string): string {
  return `${window.location.origin}${roomPath(room)}`;
}

const listeners = new Set<() => void>();

export function navigate(path: string): void {
  window.history.pushState(null, '', path);
  window.scrollTo(0, 0);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

export function usePathname(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}
