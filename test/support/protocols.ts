import type { Person } from './Person.ts';

/** For `initScript`: keeps the page's peer connections where `protocols()` finds them. */
export const keepPeers = `
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); window.peers.push(this); }
  };
`;

/** The protocols over which the page's peer connections send right now. */
export async function protocols(person: Person): Promise<string[]> {
  return person.page.evaluate(async () => {
    const peers: RTCPeerConnection[] = Reflect.get(window, 'peers');
    const used = new Set<string>();
    for (const peer of peers) {
      if (peer.connectionState !== 'connected') continue;
      const report = await peer.getStats();
      for (const entry of report.values()) {
        if (entry.type !== 'candidate-pair' || !entry.nominated) continue;
        used.add(report.get(entry.localCandidateId).protocol);
      }
    }
    return [...used];
  });
}
