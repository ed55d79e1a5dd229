import type { LoadReport, StreamReport } from './report.ts';

/** Above this share of its one thread the client may itself be what is slow. */
const starvedShare = 0.85;
/** How many streams are named. */
const worstShown = 5;

/** The report for people. */
export function reportText(report: LoadReport): string {
  const { joined, failed, seconds, rampSeconds, packetsReceived, packetsLost, lossRatio } = report;
  const lines = [
    `Joined ${joined}, failed ${failed}; measured ${seconds.toFixed(1)} s after a ramp of ${rampSeconds.toFixed(1)} s${report.interrupted ? ', interrupted' : ''}`,
    ...Object.entries(report.failures).map(([reason, count]) => `  ${count} times: ${reason}`),
    '',
    `${''.padEnd(28)}${'p50'.padStart(10)}${'p95'.padStart(10)}${'p99'.padStart(10)}`,
    percentileLine('join, ms', report.joinMs),
    percentileLine('first packet, ms', report.firstPacketMs),
    percentileLine('through the server, ms', report.latencyMs),
    '',
    `In   ${megabits(report.bitrateIn)}, ${perSecond(packetsReceived, seconds)} packets/s (${count(packetsReceived)} in all)`,
    `Out  ${megabits(report.bitrateOut)}, ${perSecond(report.packetsSent, seconds)} packets/s`,
    `Loss ${count(packetsLost)} of ${count(packetsReceived + packetsLost)} packets (${percent(lossRatio)})`,
    ...worstLines(report.streams),
    `CPU of this client ${report.clientCpuSeconds.toFixed(1)} s (${percent(report.clientCpuSeconds / seconds)} of a core), its thread busy ${percent(report.clientBusy)}`,
  ];
  if (isStarved(report)) {
    lines.push(
      'Warning: the client itself was at its limit. Times and losses say little about the server; use fewer participants',
      'in one process, and start several.',
    );
  }
  return lines.join('\n');
}

export function isStarved({ clientBusy }: Pick<LoadReport, 'clientBusy'>): boolean {
  return clientBusy > starvedShare;
}

function worstLines(streams: readonly StreamReport[]): string[] {
  if (streams.length === 0) return [];
  const line = ({ participant, kind, publicationId, packets, lost, longestGapMs }: StreamReport) =>
    `  ${participant.padEnd(12)}${kind} ${publicationId.slice(0, 8)}: ${count(packets)} packets, ${lost} lost, longest gap ${longestGapMs.toFixed(0)} ms`;
  const lossy = streams.filter(({ lost }) => lost > 0).toSorted((a, b) => b.lost - a.lost);
  const gaps = streams.filter(({ kind }) => kind === 'video').toSorted((a, b) => b.longestGapMs - a.longestGapMs);
  return [
    ...(lossy.length > 0 ? [`Streams with loss: ${lossy.length} of ${streams.length}`] : []),
    ...lossy.slice(0, worstShown).map(line),
    ...(gaps.length > 0 ? ['Longest gaps in videos:'] : []),
    ...gaps.slice(0, worstShown).map(line),
  ];
}

function percentileLine(label: string, { p50, p95, p99 }: LoadReport['joinMs']): string {
  const cells = [p50, p95, p99].map((value) => (value === null ? '-' : value.toFixed(1)).padStart(10));
  return `${label.padEnd(28)}${cells.join('')}`;
}

const count = (value: number) => value.toLocaleString('en-US');
const percent = (share: number) => (Number.isFinite(share) ? `${(share * 100).toFixed(share < 0.01 ? 2 : 0)} %` : '-');
const megabits = (bitrate: number) => `${(bitrate / 1e6).toFixed(1)} Mbit/s`;
const perSecond = (packets: number, seconds: number) => count(seconds > 0 ? Math.round(packets / seconds) : 0);
