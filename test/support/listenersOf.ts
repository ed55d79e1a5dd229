/** How many listeners each event of an emitter has. */
export function listenersOf(emitter: {
  eventNames(): (string | symbol)[];
  listenerCount(event: string): number;
}): Record<string, number> {
  const names = emitter.eventNames().filter((name) => typeof name === 'string');
  return Object.fromEntries(names.toSorted().map((name) => [name, emitter.listenerCount(name)]));
}
