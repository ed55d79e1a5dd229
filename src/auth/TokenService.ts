import { createHash, randomBytes } from 'node:crypto';
import { nanoid } from 'nanoid';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';
import { type AccessGrant, createGuestToken, verifyAccessToken } from './accessToken.ts';
import { type ApiGrant, verifyApiToken } from './apiToken.ts';
import { clockToleranceSeconds } from './jwt.ts';
import { KeyFile } from './KeyFile.ts';
import { KeyRing } from './KeyRing.ts';
import { type ImportedKey, importKey, importSecret, type TokenKey } from './keys.ts';
import { fingerprintOf, RevokedTokens } from './RevokedTokens.ts';

export interface TokenServiceOptions {
  /** Undefined: made up for this run, which is enough where the server mints the tokens itself. */
  secret: string | undefined;
  /** File with further keys (JWKS); undefined: there are none. */
  keyFile: string | undefined;
  /** Whether the demo page may get tokens for anybody who asks. */
  openDoor: boolean;
  log: Logger;
}

export interface DemoTokenRequest {
  room: string;
  displayName: string;
  /**
   * Known to one page only, and the same after a reload, so that it replaces its own former visit. Identities are no
   * secrets: everybody in the room reads those of the others.
   */
  secret: string | undefined;
}

const noKey =
  'this server has no key by which API tokens could be checked: start it with PLENUM_TOKEN_SECRET or --token-keys ' +
  '(PLENUM_TOKEN_KEYS); the open door is for people only';

/** The demo page fetches a token for each join. */
const demoTokenSeconds = 120;

/** What a token says that was checked. */
export interface CheckedGrant extends AccessGrant {
  /** Of the token, by which it can be revoked. */
  fingerprint: string;
}

/** The token is good, but whoever has it was sent away. */
export class RevokedError extends PlenumError {
  readonly grant: CheckedGrant;

  constructor(grant: CheckedGrant) {
    super('unauthorized', 'you were removed from this room; this access token opens it no more');
    this.grant = grant;
  }
}

/** Checks the tokens of those who connect; with an open door, also mints them for the demo page. */
export class TokenService {
  /** What tokens of the open door are signed with; undefined: it is closed. */
  readonly #doorKey: string | TokenKey | undefined;
  readonly #secretKey: ImportedKey | undefined;
  /** Made up for this run, where there is no secret. */
  readonly #ownKey: ImportedKey | undefined;
  readonly #keyFile: KeyFile | undefined;
  /** Whether the application has a key, by which it can make tokens of its own. */
  readonly #configured: boolean;
  readonly #revoked = new RevokedTokens();

  /** @throws PlenumError `bad-request` for a secret or a file of keys that cannot be used */
  static async create({ secret, keyFile, openDoor, log }: TokenServiceOptions): Promise<TokenService> {
    const file = keyFile === undefined ? undefined : await KeyFile.open(keyFile, log);
    if (!openDoor || secret !== undefined)
      return new TokenService(secret, file, openDoor ? secret : undefined, undefined);
    // With an id: tokens of the application that name no key must not be taken for its own.
    const kid = `door-${nanoid()}`;
    const own: TokenKey = { kty: 'oct', kid, k: randomBytes(32).toString('base64url') };
    return new TokenService(secret, file, own, await importKey(own));
  }

  private constructor(
    secret: string | undefined,
    keyFile: KeyFile | undefined,
    doorKey: string | TokenKey | undefined,
    ownKey: ImportedKey | undefined,
  ) {
    this.#configured = secret !== undefined || keyFile !== undefined;
    this.#secretKey = secret === undefined ? undefined : importSecret(secret);
    this.#keyFile = keyFile;
    this.#doorKey = doorKey;
    this.#ownKey = ownKey;
  }

  /** Whether keys of before hold, since the file of keys cannot be used as it is now. */
  get keysAreStale(): boolean {
    return this.#keyFile?.stale ?? false;
  }

  /**
   * @param mayHaveExpired its bearer is there since before it did, with this very token
   * @throws PlenumError `unauthorized`
   */
  async verify(token: string, mayHaveExpired = false): Promise<CheckedGrant> {
    const grant = await verifyAccessToken(await this.#keys(), token, mayHaveExpired);
    // Whoever has a key makes moderators; only the open door leaves it to the room.
    const host = grant.host && this.#doorKey !== undefined;
    const checked = { ...grant, host, fingerprint: fingerprintOf(token) };
    this.#revoked.saw(checked);
    this.#checkRevoked(checked);
    return checked;
  }

  /**
   * Of a token for the API.
   *
   * @throws PlenumError `unauthorized`; `forbidden` where the application has no key, since the open door makes no such
   *   tokens
   */
  async verifyApi(token: string): Promise<ApiGrant> {
    if (!this.#configured) throw new PlenumError('forbidden', noKey);
    return verifyApiToken(await this.#keys(), token);
  }

  async #keys(): Promise<KeyRing> {
    const keys = await this.#keyFile?.keys();
    return new KeyRing([...(this.#secretKey ? [this.#secretKey] : []), ...(keys ?? [])], this.#ownKey);
  }

  /**
   * Of a token that was checked before: it may have been revoked since, or have expired.
   * @param mayHaveExpired its bearer was here all the time
   * @throws PlenumError `unauthorized`
   */
  checkAgain(token: CheckedGrant, mayHaveExpired = false): void {
    if (!mayHaveExpired && Date.now() > token.expiresAt + clockToleranceSeconds * 1000) {
      throw new PlenumError('unauthorized', 'the access token has expired; get a new one and join again');
    }
    this.#checkRevoked(token);
  }

  #checkRevoked(token: CheckedGrant): void {
    if (this.#revoked.has(token)) throw new RevokedError(token);
  }

  /**
   * It opens nothing any more, though it has not expired; neither does any that its bearer has got before now, as long as the
   * room lasts from which it was sent away.
   */
  revoke(token: CheckedGrant, from: string): void {
    this.#revoked.add(token, from);
  }

  /** That room has ended, or lets this person in again. */
  forgive(room: string, identity?: string): void {
    this.#revoked.forgive(room, identity);
  }

  /** @throws PlenumError `forbidden` where the door is closed, `bad-request` for a room or name that cannot be */
  async mint({ room, displayName, secret = nanoid() }: DemoTokenRequest) {
    if (this.#doorKey === undefined) {
      throw new PlenumError(
        'forbidden',
        'this server gives out no tokens: ask the application for a link, or start the server with --open',
      );
    }
    const identity = guestOf(secret);
    const options = { room, identity, displayName, ttlSeconds: demoTokenSeconds };
    const token = await createGuestToken(this.#doorKey, options);
    return { token, identity };
  }
}

/** Who knows the secret has this identity; who knows the identity does not have the secret. */
function guestOf(secret: string): string {
  return `guest-${createHash('sha256').update(`plenum guest\n${secret}`).digest('base64url').slice(0, 20)}`;
}
