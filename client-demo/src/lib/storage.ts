/** Browser storage that never throws: it may be full, or forbidden by the browser's settings. */
export function readItem(area: 'local' | 'session', key: string): string | undefined {
  try {
    return storageOf(area).getItem(`plenum.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeItem(area: 'local' | 'session', key: string, value: string | undefined): void {
  try {
    if (value === undefined) storageOf(area).removeItem(`plenum.${key}`);
    else storageOf(area).setItem(`plenum.${key}`, value);
  } catch (error) {
    // What is not remembered is asked again; nothing else depends on it.
    console.debug('Plenum could not remember a setting', error);
  }
}

function storageOf(area: 'local' | 'session'): Storage {
  return area === 'local' ? window.localStorage : window.sessionStorage;
}
