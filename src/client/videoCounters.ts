/** What the browser has counted of a video track that is received; each track begins with zero. */
export interface VideoCounters {
  /** Frames decoded. */
  readonly frames: number;
  /** RTP packets that came. */
  readonly packets: number;
  /** Times that lost packets were asked for again. */
  readonly nacks: number;
}

/** Of each video track that is received, by the track's id (Identifiers for WebRTC's Statistics API). */
export function videoCounters(report: RTCStatsReport): Map<string, VideoCounters> {
  const counters = new Map<string, VideoCounters>();
  report.forEach((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || Reflect.get(entry, 'type') !== 'inbound-rtp') return;
    const trackId: unknown = Reflect.get(entry, 'trackIdentifier');
    const frames: unknown = Reflect.get(entry, 'framesDecoded');
    if (typeof trackId !== 'string' || typeof frames !== 'number') return;
    counters.set(trackId, { frames, packets: count(entry, 'packetsReceived'), nacks: count(entry, 'nackCount') });
  });
  return counters;
}

/** Zero where the browser does not count it. */
function count(entry: object, name: string): number {
  const value: unknown = Reflect.get(entry, name);
  return typeof value === 'number' ? value : 0;
}
