/** Rates in the configuration: `socket=5/50,room=100/1000` is five a second for each socket, and fifty at once. */

interface Rate {
  /** A second. */
  perSecond: number;
  /** At once. */
  burst: number;
}

const shape = /^([a-z]+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;
const most = 1e9;

/**
 * @param text the rates that are to be others than the defaults
 * @returns undefined where something in it is no rate, or is for something of which there is none
 */
export function parseRates<S extends string>(
  text: string,
  defaults: Readonly<Record<S, Rate>>,
): Record<S, Rate> | undefined {
  const rates: Record<S, Rate> = { ...defaults };
  for (const entry of text.split(',')) {
    const [, name = '', perSecond, burst] = shape.exec(entry.trim()) ?? [];
    const rate = { perSecond: Number(perSecond), burst: Number(burst) };
    // A bucket that holds less than one would let nothing pass.
    const isRate = rate.perSecond > 0 && rate.perSecond <= most && rate.burst >= 1 && rate.burst <= most;
    if (!isRate || !isOneOf(rates, name)) return undefined;
    rates[name] = rate;
  }
  return rates;
}

function isOneOf<S extends string>(rates: Record<S, Rate>, name: string): name is S {
  return Object.hasOwn(rates, name);
}

/** As one writes them in the configuration. */
export function showRates(rates: Readonly<Record<string, Rate>>): string {
  return Object.entries(rates)
    .map(([name, { perSecond, burst }]) => `${name}=${perSecond}/${burst}`)
    .join(',');
}
