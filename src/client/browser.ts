import type { types } from 'mediasoup-client';
import { createIdentity, type Identity } from './certificate.ts';
import { createDevice } from './device.ts';

/** What a visit needs of the browser before it can ask the server for anything. */
export interface Browser {
  device: types.Device;
  identity: Identity;
}

export async function prepareBrowser(): Promise<Browser> {
  const device = createDevice();
  return { device, identity: await createIdentity() };
}
