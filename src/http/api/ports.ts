import type { Audit } from '../../audit/AuditLog.ts';
import type { ApiHandlers, ApiSubject } from '../../protocol/api.ts';
import type { ApiGrants } from '../../protocol/apiGrants.ts';
import type { ApiBodyLimits } from '../../protocol/apiOperation.ts';

/** What the API needs of the rest of the server. */
export interface ApiService {
  /** Whose token it is, and what it may do. @throws PlenumError `unauthorized` or `forbidden` */
  verify: (token: string) => Promise<{ name: string; grants: ApiGrants }>;
  /** @throws PlenumError `rate-limited` */
  limits: {
    /** For each request, before its token is looked at. */
    knock(address: string): void;
    /** For each request whose token is good, by the operation's weight. */
    ask(application: string, weight: number): void;
  };
  handlers: ApiHandlers;
  bodies: ApiBodyLimits;
  audit: Audit;
  /** Who that is, or whose that is; undefined where nothing is there of that id. */
  identityOf(room: string, subject: ApiSubject): string | undefined;
  /** Milliseconds, in even steps. */
  now: () => number;
}
