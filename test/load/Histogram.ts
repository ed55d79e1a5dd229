/** Buckets per power of two: a value is known to within 1/64 of itself. */
const subBuckets = 64;
/** Values are counted in microseconds; 2^36 of them are 19 hours. */
const powers = 36;

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/**
 * Milliseconds in buckets of a fixed number, each about one and a half per cent wide: recording allocates nothing, and
 * histograms of many streams add up.
 */
export class Histogram {
  readonly #counts = new Float64Array(subBuckets * powers);
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Milliseconds; 0 without any value. */
  get max(): number {
    return this.#max;
  }

  /** @param milliseconds negative ones (clocks are not perfect) count as zero */
  record(milliseconds: number): void {
    const index = bucketOf(milliseconds * 1000);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    if (milliseconds > this.#max) this.#max = milliseconds;
  }

  /** Adds what another one has counted. */
  add(other: Histogram): void {
    for (let index = 0; index < this.#counts.length; index += 1) {
      this.#counts[index] = (this.#counts[index] ?? 0) + (other.#counts[index] ?? 0);
    }
    this.#count += other.#count;
    this.#max = Math.max(this.#max, other.#max);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#max = 0;
  }

  /** The value below or at which this share of all lies, in milliseconds; null without any value. */
  percentile(share: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index += 1) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank) return Math.min(this.#max, middleOf(index) / 1000);
    }
    return this.#max;
  }
}

function bucketOf(microseconds: number): number {
  if (!(microseconds >= 1)) return 0;
  if (microseconds < subBuckets) return Math.floor(microseconds);
  const power = Math.min(powers - 1, Math.floor(Math.log2(microseconds)));
  const within = Math.min(subBuckets - 1, Math.floor((microseconds / 2 ** power - 1) * subBuckets));
  return (power - 5) * subBuckets + within;
}

function middleOf(index: number): number {
  if (index < subBuckets) return index + 0.5;
  const power = Math.floor(index / subBuckets) + 5;
  return 2 ** power * (1 + ((index % subBuckets) + 0.5) / subBuckets);
}
