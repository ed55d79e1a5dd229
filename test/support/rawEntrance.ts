import { RawSocket } from '../bench/scenarios/attacker/RawSocket.ts';
import { closing } from './gatewayStage.ts';

/** Sockets of a `gatewayStage` over which a test says what it likes. */

/** A socket that nobody has said anything over. */
export async function arrive(port: number, localAddress = '127.0.0.1') {
  const socket = new RawSocket({ host: '127.0.0.1', port, localAddress });
  closing.push(() => socket.close());
  const closed = new Promise<void>((resolve) => {
    socket.onClosed = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    socket.onText = (text) => text.startsWith('0{') && resolve();
    void closed.then(() => reject(new Error('it was closed')));
  });
  return { socket, closed };
}

export async function enter(port: number, token: string, localAddress?: string) {
  const arrived = await arrive(port, localAddress);
  const welcome = new Promise<void>((resolve) => {
    arrived.socket.onText = (text) => text.startsWith('42["welcome"') && resolve();
  });
  arrived.socket.send([`40${JSON.stringify({ token })}`]);
  await welcome;
  return arrived;
}
