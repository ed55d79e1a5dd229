/**
 * A set-up that cannot go on, told so that the reader can mend it: what, why, and the command to type.
 */
export class SetupFailure extends Error {
  /**
   * @param {string} what what could not be done
   * @param {string} why the reason, in words
   * @param {string} mend the exact command, or what to do where no command exists
   */
  constructor(what, why, mend) {
    super(what);
    this.name = 'SetupFailure';
    this.why = why;
    this.mend = mend;
  }

  toString() {
    const indent = (/** @type {string} */ text) => text.trim().replaceAll('\n', '\n        ');
    return `\nPlenum cannot go on: ${this.message}\n  Why:  ${indent(this.why)}\n  Mend: ${indent(this.mend)}\n`;
  }
}

/**
 * The errors of the file system that somebody other than us can mend. Others are defects of ours and keep their stack.
 *
 * @param {unknown} error
 * @returns {SetupFailure | null}
 */
export function explainFileError(error) {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return noSpace(path);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new SetupFailure(
        `${path} cannot be written.`,
        error.message,
        'Give this user the right to write there, or keep the cache elsewhere:\nXDG_CACHE_HOME=/path/to/a/folder npm start',
      );
    default:
      return null;
  }
}

/**
 * @param {string} path
 * @param {string} [details]
 */
export function noSpace(path, details) {
  return new SetupFailure(
    'the disk is full.',
    details ?? `No space is left for ${path}.`,
    'Free some space (df -h shows how much there is), or keep the cache on another disk:\nXDG_CACHE_HOME=/path/to/a/folder npm start',
  );
}
