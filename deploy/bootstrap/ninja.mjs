/**
 * Reads ninja's "[12/195] Building ..." lines.
 *
 * @param {(done: number, total: number) => void} report
 * @returns {(line: string) => void}
 */
export function ninjaProgress(report) {
  return (line) => {
    const match = /^\[(\d+)\/(\d+)\]/.exec(line);
    if (match) report(Number(match[1]), Number(match[2]));
  };
}
