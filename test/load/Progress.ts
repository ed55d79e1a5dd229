import type { WriteStream } from 'node:tty';
import type { LoadMeeting } from './meeting/LoadMeeting.ts';

const intervalMs = 1000;
/** Where lines cannot be rewritten they come less often. */
const linesEvery = 5;

/** One line on the terminal that says how it goes; never on standard output, which is the report's. */
export class Progress {
  readonly #out: NodeJS.WriteStream & Partial<WriteStream>;
  #timer: NodeJS.Timeout | undefined;
  #measuringSince: number | undefined;
  #ticks = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  note(line: string): void {
    this.#out.write(this.#out.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
  }

  start(meeting: LoadMeeting, plan: { participants: number; seconds: number }): void {
    let before = meeting.totals;
    let cpu = process.cpuUsage();
    let at = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const seconds = (now - at) / 1000;
      const totals = meeting.totals;
      const used = process.cpuUsage(cpu);
      const packets = Math.max(0, totals.packets - before.packets) / seconds;
      const bits = (Math.max(0, totals.bytesIn - before.bytesIn) * 8) / seconds;
      const latency = meeting.latency.percentile(0.95);
      this.#show(
        [
          this.#phase(now, plan.seconds),
          `${meeting.joined} of ${plan.participants} joined${meeting.failed > 0 ? `, ${meeting.failed} failed` : ''}`,
          `${Math.round(packets).toLocaleString('en-US')} packets/s in (${(bits / 1e6).toFixed(1)} Mbit/s)`,
          `${totals.lost} lost`,
          ...(latency === null ? [] : [`p95 ${latency.toFixed(1)} ms`]),
          `CPU ${Math.round((used.user + used.system) / 1e4 / seconds)} %`,
        ].join(', '),
      );
      before = totals;
      cpu = process.cpuUsage();
      at = now;
    }, intervalMs);
  }

  measuring(): void {
    this.#measuringSince = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }

  #phase(now: number, seconds: number): string {
    return this.#measuringSince === undefined
      ? 'joining'
      : `${Math.round((now - this.#measuringSince) / 1000)} of ${seconds} s`;
  }

  #show(line: string): void {
    this.#ticks += 1;
    if (this.#out.isTTY) this.#out.write(`\r\x1b[K${line.slice(0, (this.#out.columns ?? 120) - 1)}`);
    else if (this.#ticks % linesEvery === 0) this.#out.write(`${line}\n`);
  }
}
