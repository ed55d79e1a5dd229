import { randomBytes } from 'node:crypto';
import { nanoid } from 'nanoid';
import { PlenumError } from '../protocol/index.ts';
import { type AccessGrant, createAccessToken, verifyAccessToken } from './accessToken.ts';

export interface TokenServiceOptions {
  /** Undefined: made up for this run, which is enough where the server mints the tokens itself. */
  secret: string | undefined;
  /** Whether the demo page may get tokens for anybody who asks. */
  openDoor: boolean;
}

export interface DemoTokenRequest {
  room: string;
  displayName: string;
  /** Given again by a page that was reloaded, so that it replaces its own former visit. */
  identity: string | undefined;
}

/** The demo page fetches a token for each join. */
const demoTokenSeconds = 120;

/** Checks the tokens of those who connect; with an open door, also mints them for the demo page. */
export class TokenService {
  readonly #secret: string;
  readonly #openDoor: boolean;

  constructor({ secret, openDoor }: TokenServiceOptions) {
    this.#secret = secret ?? randomBytes(32).toString('base64url');
    this.#openDoor = openDoor;
  }

  /** @throws PlenumError `unauthorized` */
  verify(token: string): Promise<AccessGrant> {
    return verifyAccessToken(this.#secret, token);
  }

  /** @throws PlenumError `forbidden` where the door is closed, `bad-request` for a room or name that cannot be */
  async mint({ room, displayName, identity = `guest-${nanoid(10)}` }: DemoTokenRequest) {
    if (!this.#openDoor) {
      throw new PlenumError(
        'forbidden',
        'this server gives out no tokens: ask the application for a link, or start the server with --open',
      );
    }
    const token = await createAccessToken(this.#secret, { room, identity, displayName, ttlSeconds: demoTokenSeconds });
    return { token, identity };
  }
}
