import type { AttackReport, Kind } from './plan.ts';

/** What was sent, and what came of it. */
export class Tally {
  readonly sent = forEach(() => 0);
  readonly answers = forEach((): Record<string, number> => ({}));
  readonly #startedAt = performance.now();
  readonly #cpu = process.cpuUsage();

  send(kind: Kind, units = 1): void {
    this.sent[kind] += units;
  }

  answer(kind: Kind, what: string): void {
    this.answers[kind][what] = (this.answers[kind][what] ?? 0) + 1;
  }

  report(): AttackReport {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      seconds: (performance.now() - this.#startedAt) / 1000,
      cpuSeconds: (user + system) / 1e6,
      sent: this.sent,
      answers: this.answers,
    };
  }
}

function forEach<T>(make: () => T): Record<Kind, T> {
  return {
    connects: make(),
    joins: make(),
    requests: make(),
    chat: make(),
    data: make(),
    http: make(),
    datagrams: make(),
  };
}
