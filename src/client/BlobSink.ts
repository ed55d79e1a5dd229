/** So many bytes become one Blob, which a browser may keep on disk; before, they are in the page's memory. */
const partBytes = 4 * 1024 * 1024;

/** A stream whose content is a Blob in the end. */
export class BlobSink extends WritableStream<Uint8Array<ArrayBuffer>> {
  readonly #parts: { blobs: Blob[]; fresh: Uint8Array<ArrayBuffer>[] };
  readonly #type: string;

  constructor(type: string) {
    const parts: { blobs: Blob[]; fresh: Uint8Array<ArrayBuffer>[] } = { blobs: [], fresh: [] };
    let bytes = 0;
    super({
      write: (chunk) => {
        parts.fresh.push(chunk);
        bytes += chunk.byteLength;
        if (bytes < partBytes) return;
        parts.blobs.push(new Blob(parts.fresh.splice(0)));
        bytes = 0;
      },
    });
    this.#parts = parts;
    this.#type = type;
  }

  /** What has been written so far. */
  get result(): Blob {
    return new Blob([...this.#parts.blobs, ...this.#parts.fresh], { type: this.#type });
  }
}
