const isTerminal = Boolean(process.stdout.isTTY);

/**
 * One step of long work. On a terminal its line is rewritten; elsewhere a line appears at the start, one each ten per
 * cent, and one at the end.
 *
 * @param {string} label what is being done, as in "Building the mediasoup worker"
 */
export function startStep(label) {
  const startedAt = Date.now();
  let detail = '';
  let printedPercent = 0;

  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const rewrite = () => process.stdout.write(`\r\x1b[K${label}… ${[detail, seconds()].filter(Boolean).join(', ')}`);
  const timer = isTerminal ? setInterval(rewrite, 1000) : null;
  if (isTerminal) rewrite();
  else console.log(`${label}…`);

  const end = (/** @type {string} */ text) => {
    if (timer) clearInterval(timer);
    if (isTerminal) process.stdout.write('\r\x1b[K');
    console.log(text);
  };

  return {
    /** @param {number} done @param {number} total */
    percent(done, total) {
      const percent = Math.floor((done / total) * 100);
      detail = `${percent} %`;
      if (isTerminal) {
        rewrite();
      } else if (percent >= printedPercent + 10) {
        printedPercent = percent - (percent % 10);
        console.log(`  ${printedPercent} % (${seconds()})`);
      }
    },
    /** @param {string} [result] */
    done(result = 'done') {
      end(`${label}: ${result} (${seconds()})`);
    },
    /** @param {string} reason one line */
    failed(reason) {
      end(`${label}: ${reason} (${seconds()})`);
    },
  };
}
