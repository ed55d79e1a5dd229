import { fileURLToPath } from 'node:url';
import qrcode from 'qrcode-terminal';
import { type App, type AppDeps, buildApp, version } from './app.ts';
import { type Config, ConfigError, cacheFolder, doorIsOpen, helpText, readConfig, unknownVariables } from './config.ts';
import { lanAddress, selfSignedCertificate } from './http/lan.ts';
import { createLog, type Logger } from './log.ts';
import { PlenumError } from './protocol/index.ts';

/** Process entry: options -> app -> listen; signals end it. Exit code 0 after a clean stop, else 1. */

/** The same signal arrives twice when npm or a wrapper passes it on; only a later one means impatience. */
const samePressMs = 1000;

const clientFolder = fileURLToPath(new URL('../client-demo/dist', import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2));
  if (config.help) {
    console.log(helpText());
    return;
  }
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  for (const { name, nearest } of unknownVariables()) {
    log.warn(`${name} is no option of Plenum; did you mean ${nearest}?`);
  }
  const stop = stopper(log);
  const lan = config.lan ? await prepareLan() : undefined;
  const app = await buildApp(config, { log, clientFolder, ...(lan && { lan }) });
  app.onHopeless((error) => {
    log.error({ err: error }, 'no media worker can be started: the server ends');
    process.exitCode = 1;
    stop('no workers');
  });
  stop.app = app;
  const address = await app.listen();
  log.info({ version, workers: config.workers }, 'server started');
  if (lan) sayLan(address, config);
  if (config.simulateFaults) log.warn('faults may be simulated: everybody in a meeting can kill its worker');
  console.log(`Plenum is ready: ${address}`);
}

async function prepareLan(): Promise<NonNullable<AppDeps['lan']>> {
  const address = lanAddress();
  return { address, tls: await selfSignedCertificate(address, cacheFolder()) };
}

function sayLan(address: string, config: Config): void {
  qrcode.generate(address, { small: true }, (code) => console.log(code));
  if (doorIsOpen(config)) console.log('The door is open: everybody on this network can join any room.');
  console.log('The certificate is self-signed, so each browser asks once whether to trust it.');
  if (config.tokenSecret === undefined) console.log('Access tokens end with this run of the server.');
}

interface Stop {
  (why: string): void;
  app?: App;
}

/**
 * Ends the process cleanly: on SIGTERM, with which machines replace a server, when its meetings have ended or had time to;
 * at once where a person says so (Ctrl-C, a terminal that is closed), says so again, or the program that started it has gone.
 */
function stopper(log: Logger): Stop {
  let drainingSince: number | undefined;
  let startedAt: number | undefined;
  const stop: Stop = (why) => {
    if (startedAt !== undefined) {
      if (Date.now() - startedAt > samePressMs && why.startsWith('SIG')) process.exit(1);
      return;
    }
    startedAt = Date.now();
    log.info({ why }, 'server stops');
    const closing = stop.app?.close() ?? Promise.resolve();
    closing.then(
      () => process.exit(),
      (error) => {
        log.error({ err: error }, 'the server did not stop cleanly');
        process.exit(1);
      },
    );
  };
  const drain = (app: App) => {
    drainingSince = Date.now();
    const { participants } = app.registry;
    log.info({ participants }, 'server drains: its meetings go on for a while, and it begins no new ones');
    app.drain().then(
      () => stop('drained'),
      (error) => {
        log.error({ err: error }, 'the server could not wait for its meetings');
        stop('not drained');
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  process.on('SIGTERM', () => {
    if (drainingSince !== undefined && Date.now() - drainingSince <= samePressMs) return;
    if (drainingSince === undefined && startedAt === undefined && stop.app) drain(stop.app);
    else stop('SIGTERM');
  });
  // deploy/bootstrap.mjs holds the other end: when it is killed, the server must not live on unseen.
  process.on('disconnect', () => stop('the starting program ended'));
  return stop;
}

main().catch((error) => {
  if (error instanceof ConfigError) console.error(error.message);
  else if (error instanceof PlenumError) console.error(`Plenum cannot start: ${error.message}`);
  else console.error(error);
  process.exit(1);
});
