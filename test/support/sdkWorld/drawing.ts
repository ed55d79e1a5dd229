import { readFileSync } from 'node:fs';

/** `from --> to` of each arrow between two states in the drawing of the connection in src/README.md. */
export function drawnTransitions(): ReadonlySet<string> {
  const page = readFileSync(new URL('../../../src/README.md', import.meta.url), 'utf8');
  const [, drawing = ''] = /```mermaid\nstateDiagram-v2\n(.*?)```/s.exec(page) ?? [];
  return new Set([...drawing.matchAll(/^ *(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} --> ${to}`));
}
