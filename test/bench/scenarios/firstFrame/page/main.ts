// First, and kept there by the linter because it is without names: socket.io looks WebSocket up as it is loaded.
import './watch.ts';

import { type RemotePublication, Room } from '../../../../../src/client/index.ts';
import type { BenchPage, JoinMeasure } from '../pageContract.ts';
import { reached, sentRequests, startWatch, steps } from './watch.ts';

let room: Room | undefined;
const published: Room[] = [];

async function handshake(): Promise<number> {
  const began = performance.now();
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const took = performance.now() - began;
  socket.close();
  return took;
}

interface FirstFrame {
  /** On the clock of `performance.now()`. */
  at: number;
  width: number;
  /** Sent until then. */
  requests: string[];
}

/** Shows a publication; resolves when its first frame is painted. */
function firstFrame(publication: RemotePublication): Promise<FirstFrame> {
  const video = document.createElement('video');
  // All of them fit into the window: what is out of sight is not received for long.
  Object.assign(video.style, { width: '160px', height: '90px' });
  document.body.append(video);
  publication.attach(video);
  return new Promise((resolve) => {
    video.requestVideoFrameCallback((_now, { width }) => {
      resolve({ at: performance.now(), width, requests: sentRequests() });
    });
  });
}

async function join(token: string, videos: number): Promise<JoinMeasure> {
  room ??= new Room();
  const entered = room;
  const frames: Promise<FirstFrame>[] = [];
  const all = new Promise<void>((resolve) => {
    entered.on('subscriptionAdded', (publication) => {
      if (publication.kind !== 'video') return;
      frames.push(firstFrame(publication));
      if (frames.length === videos) resolve();
    });
  });
  startWatch();
  const began = performance.now();
  await entered.join({ token });
  await all;
  const first = await Promise.race(frames);
  const moments = await Promise.all(frames);
  const onTheWay = reached();
  return {
    firstMs: first.at - began,
    allMs: Math.max(...moments.map(({ at }) => at)) - began,
    width: first.width,
    requests: first.requests,
    steps: steps.map((step) => ({ step, ms: (onTheWay.get(step) ?? Number.NaN) - began })),
  };
}

function show(publication: RemotePublication): void {
  const element = document.createElement(publication.kind);
  document.body.append(element);
  publication.attach(element);
}

async function enter(token: string, receives: boolean): Promise<Room> {
  const entered = new Room();
  if (receives) entered.on('subscriptionAdded', show);
  await entered.join({ token, view: receives ? 'auto' : { videos: [] } });
  published.push(entered);
  return entered;
}

const page: BenchPage = {
  handshake,
  join,
  async prepare(token) {
    room = new Room();
    await room.prepare({ token });
  },
  async leave() {
    await room?.leave();
    room = undefined;
  },
  async publishDevices(token, { width, height, receives }) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height } });
    const entered = await enter(token, receives);
    for (const track of stream.getTracks()) {
      await entered.publish(track, { source: track.kind === 'video' ? 'camera' : 'microphone' });
    }
  },
};

window.bench = page;
