import { createHash } from 'node:crypto';
import { type App, buildApp } from '../../src/app.ts';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';

/** A secret for tests that nobody would call a well-known one; the same in each process of a test. */
export const testSecret = createHash('sha256').update('for the tests of Plenum').digest('base64url');

export interface TestServer {
  app: App;
  /** For example `http://127.0.0.1:41234`. */
  url: string;
  /** Where metrics and the details of /health are. */
  adminUrl: string;
  /** Lines of level warn and above, as objects. */
  problems: Record<string, unknown>[];
  token(room: string, identity: string, displayName?: string): Promise<string>;
  /** Closes the server and waits for its workers; fails when the log holds a problem that was not taken off. */
  close(): Promise<void>;
}

export interface TestServerOptions {
  config?: Partial<Config>;
  clientFolder?: string;
}

/** The real server with real workers, on free ports. */
export async function startTestServer({ config, clientFolder }: TestServerOptions = {}): Promise<TestServer> {
  const problems: Record<string, unknown>[] = [];
  const log = createLog(
    { level: 'warn', format: 'json' },
    { write: (line: string) => void problems.push(JSON.parse(line)) },
  );
  const defaults = readConfig(['--port', '0', '--rtc-port', '0', '--open', '--workers', '2'], {});
  const app = await buildApp(
    {
      ...defaults,
      host: '127.0.0.1',
      adminHost: '127.0.0.1',
      tokenSecret: testSecret,
      roomGrace: 0,
      auditLog: '/dev/null',
      ...config,
    },
    { log, ...(clientFolder && { clientFolder }) },
  );
  const { url, adminUrl } = await app.listen();
  return {
    app,
    url,
    adminUrl,
    problems,
    token: (room, identity, displayName) =>
      createAccessToken(testSecret, { room, identity, ...(displayName && { displayName }) }),
    close: async () => {
      await app.close();
      if (problems.length > 0) throw new Error(`the server logged problems:\n${JSON.stringify(problems, null, 2)}`);
    },
  };
}
