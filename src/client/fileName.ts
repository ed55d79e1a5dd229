/** Longer names are cut, as file systems want it. */
const longest = 200;

/**
 * A name under which a file of somebody else may be saved: without folders, control characters, characters that change
 * the direction of text (so that "exe.txt" is no "txt.exe"), and without what Windows reserves; never hidden, never empty.
 */
export function safeFileName(name: string): string {
  const last = name.toWellFormed().split(/[\\/]/).at(-1) ?? '';
  const cleaned = last
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, '_$1');
  return shorten(cleaned).trimEnd() || 'file';
}

/** Keeps the extension, which says what it is. */
function shorten(name: string): string {
  const characters = [...name];
  if (characters.length <= longest) return name;
  const extension = [...(/\.[^.]{1,16}$/.exec(name)?.[0] ?? '')];
  return [...characters.slice(0, longest - extension.length), ...extension].join('');
}
