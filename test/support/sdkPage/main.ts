import { Room } from '../../../src/client/index.ts';
import type { SdkPage } from './contract.ts';

const room = new Room();
const shown = new Map<object, HTMLElement>();
const problems: string[] = [];
const firstFrames = new Map<string, number>();
let began = 0;

room.on('publicationAdded', (publication) => {
  if (location.hash === '#blind') return;
  const element = document.createElement(publication.kind);
  element.dataset.identity = publication.participant.identity;
  // In the code, because the server's Content-Security-Policy allows no styles in the page.
  Object.assign(element.style, { display: 'block', width: '320px', height: '180px' });
  document.body.append(element);
  publication.attach(element);
  if (element instanceof HTMLVideoElement) {
    const { identity } = publication.participant;
    element.requestVideoFrameCallback((now) => firstFrames.set(identity, now - began));
  }
  shown.set(publication, element);
});
room.on('publicationRemoved', (publication) => shown.get(publication)?.remove());
room.on('error', (error) => problems.push(`${error.code}: ${error.message}`));

const page: SdkPage = {
  room,
  problems,
  firstFrames,
  join(token) {
    began = performance.now();
    return room.join({ token });
  },
};
window.sdk = page;
