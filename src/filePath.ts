/** PEM, JSON, or JSON in base64; and no path has line breaks. */
const content = /^\s*[[{]|-----BEGIN|^eyJ[\w+/=-]*$|[\r\n]/;

/**
 * Whether that may be the path of a file with keys, and not what is in such a file: many are used to give that in a variable. It
 * must not be shown then.
 */
export function isFilePath(value: string): boolean {
  return !content.test(value);
}
