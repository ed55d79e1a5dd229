/** What the media engine has counted; part of the ports. */

/** One stream of packets; what is counted is counted since it began. */
export interface StreamStats {
  /** Bits per second, lately. */
  bitrate: number;
  packets: number;
  /** As its receiver counts them. */
  packetsLost: number;
  /** Of the packets lately, 0 to 1. */
  lossRatio: number;
  /** Absent until RTCP has measured it. */
  roundTripMs?: number;
  /** 0 (nothing arrives) to 10 (all arrives). */
  score: number;
}

/** One way of a participant's connection. */
export interface WayStats {
  /** Bits per second, lately, with all that goes along: headers, retransmissions, checks. */
  bitrate: number;
  /** Since it began. */
  bytes: number;
  /** Of the packets of its tracks lately, 0 to 1; absent where nothing was measured. */
  lossRatio?: number;
}

export interface TransportStats {
  /** From the client to the server. */
  incoming: WayStats;
  outgoing: WayStats;
  /** Bits per second that the client can take, as far as that is measured. */
  estimate?: number;
  /** Absent until there is a connection. */
  protocol?: 'udp' | 'tcp';
}
