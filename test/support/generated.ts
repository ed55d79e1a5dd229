import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';

/** A Markdown table. */
export function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

/** Checks what stands between `<!-- name -->` and `<!-- /name -->`; vitest's `-u` writes it anew. */
export async function expectGenerated(file: string, name: string, content: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const before = text.split(start)[0] ?? '';
  const after = text.split(end)[1] ?? '';
  await expect(`${before}${start}\n\n${content}\n\n${end}${after}`).toMatchFileSnapshot(file);
}
