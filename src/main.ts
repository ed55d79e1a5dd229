import { fileURLToPath } from 'node:url';
import qrcode from 'qrcode-terminal';
import { type AppDeps, buildApp, version } from './app.ts';
import {
  type Config,
  ConfigError,
  cacheFolder,
  forgetSecrets,
  helpText,
  readConfig,
  unknownVariables,
} from './config.ts';
import { lanAddress, selfSignedCertificate } from './http/lan.ts';
import { createLog, type Logger } from './log.ts';
import { holeWarning } from './media/workerHoles.ts';
import { doorOf, saidOf } from './openDoor.ts';
import { PlenumError } from './protocol/index.ts';
import { Stopper } from './Stopper.ts';

/** Process entry: options -> app -> listen; signals end it. Exit code 0 after a clean stop, else 1. */

const clientFolder = fileURLToPath(new URL('../client-demo/dist', import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2));
  if (config.help) {
    console.log(helpText());
    return;
  }
  forgetSecrets();
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  for (const { name, nearest } of unknownVariables()) {
    log.warn(`${name} is no option of Plenum; did you mean ${nearest}?`);
  }
  const stopper = createStopper(log);
  const lan = config.lan ? await prepareLan() : undefined;
  const app = await buildApp(config, { log, clientFolder, ...(lan && { lan }) });
  app.onHopeless((error) => {
    log.error({ err: error }, 'no media worker can be started: the server ends');
    stopper.stop('no workers', 1);
  });
  stopper.serve(app);
  const { url, adminUrl } = await app.listen();
  log.info({ version, workers: config.workers, adminUrl }, 'server started');
  const open = saidOf(doorOf(config), config.lan);
  if (open !== undefined) log.info(open);
  const holes = await holeWarning();
  if (holes !== undefined) log.warn(holes);
  if (lan) sayLan(url, config);
  if (config.simulateFaults) log.warn('faults may be simulated: everybody in a meeting can kill its worker');
  console.log(`Plenum is ready: ${url}`);
}

async function prepareLan(): Promise<NonNullable<AppDeps['lan']>> {
  const address = lanAddress();
  return { address, tls: await selfSignedCertificate(address, cacheFolder()) };
}

function sayLan(address: string, config: Config): void {
  qrcode.generate(address, { small: true }, (code) => console.log(code));
  console.log('The certificate is self-signed, so each browser asks once whether to trust it.');
  if (config.tokenSecret === undefined) console.log('Access tokens end with this run of the server.');
}

function createStopper(log: Logger): Stopper {
  const stopper = new Stopper({ log, exit: (code) => process.exit(code), now: () => performance.now() });
  for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(name, () => stopper.signal(name));
  // deploy/bootstrap.mjs holds the other end: when it is killed, the server must not live on unseen.
  process.on('disconnect', () => stopper.stop('the starting program ended'));
  return stopper;
}

main().catch((error) => {
  if (error instanceof ConfigError) console.error(error.message);
  else if (error instanceof PlenumError) console.error(`Plenum cannot start: ${error.message}`);
  else console.error(error);
  process.exit(1);
});
