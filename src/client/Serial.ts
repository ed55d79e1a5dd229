/** Runs tasks one after another, in the order in which they were added; a failed one does not stop the next. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    // The failure is the caller's, who has `result`; the queue only waits.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
