/** Time that belongs to a fault or to its measurement, such as how long a line stays cut. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
