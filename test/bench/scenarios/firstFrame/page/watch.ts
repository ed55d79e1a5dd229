/** Notes what the browser does on the way to the first frame. Loaded first: the SDK must find these classes. */

/** Names of what happens on the way, in the order in which it usually happens. */
export const steps = [
  'socket open',
  'join sent',
  'join answered',
  'offer set',
  'answer set',
  'ICE connected',
  'DTLS connected',
  'first packet',
] as const;
export type Step = (typeof steps)[number];

const moments = new Map<Step, number>();
let requests: string[] = [];

/** Begins to count anew. */
export function startWatch(): void {
  moments.clear();
  requests = [];
}

/** When each step was reached for the first time, on the clock of `performance.now()`. */
export function reached(): ReadonlyMap<Step, number> {
  return new Map(moments);
}

/** Names of the requests so far. */
export function sentRequests(): string[] {
  return [...requests];
}

function mark(step: Step, at = performance.now()): void {
  if (!moments.has(step)) moments.set(step, at);
}

window.WebSocket = class extends WebSocket {
  #join: string | undefined;

  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols);
    this.addEventListener('open', () => mark('socket open'));
    this.addEventListener('message', ({ data }) => {
      // socket.io's form of an answer: 43 and the number of the request.
      if (this.#join !== undefined && String(data).startsWith(`43${this.#join}[`)) mark('join answered');
    });
  }

  override send(data: string | Blob | BufferSource): void {
    const [, number, name] = /^42(\d*)\["([^"]+)"/.exec(String(data)) ?? [];
    if (name !== undefined) requests.push(name);
    if (name === 'join') {
      this.#join = number;
      mark('join sent');
    }
    super.send(data);
  }
};

window.RTCPeerConnection = class extends RTCPeerConnection {
  #receives = false;

  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    this.addEventListener('iceconnectionstatechange', () => {
      if (this.#receives && this.iceConnectionState === 'connected') mark('ICE connected');
    });
    this.addEventListener('connectionstatechange', () => {
      if (this.#receives && this.connectionState === 'connected') mark('DTLS connected');
    });
    this.addEventListener('track', ({ track }) => {
      // A received track is muted until its first packet has come; the one with this id carries mediasoup's probes.
      if (track.kind === 'video' && track.id !== 'probator')
        track.addEventListener('unmute', () => mark('first packet'));
    });
  }

  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    // The SDK offers by itself where it sends, and is offered where it receives.
    if (description.type === 'offer' && /^m=(audio|video)/m.test(description.sdp ?? '')) this.#receives = true;
    await super.setRemoteDescription(description);
    if (this.#receives) mark('offer set');
  }

  override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    await super.setLocalDescription(description);
    if (this.#receives) mark('answer set');
  }
};
