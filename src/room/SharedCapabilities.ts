import type { RtpCapabilities } from '../protocol/index.ts';

/** As many kinds of clients are in one room; more of them only take more memory. */
const mostKept = 16;

/** Clients of one version all say the same of what they can decode, at length: it is kept once for all of them. */
export class SharedCapabilities {
  /** Oldest first. */
  readonly #kept = new Map<string, RtpCapabilities>();

  /** @returns the same, as it was said first; not to be changed */
  share(capabilities: RtpCapabilities): RtpCapabilities {
    const text = JSON.stringify(capabilities);
    const known = this.#kept.get(text) ?? capabilities;
    this.#kept.delete(text);
    this.#kept.set(text, known);
    if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value ?? text);
    return known;
  }
}
