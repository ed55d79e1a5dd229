import { createContext, LoadMeeting, type Role } from './meeting/LoadMeeting.ts';
import { signedTokens, tokensFromDoor } from './meeting/tokens.ts';
import { helpText, isLoopback, type LoadOptions, readOptions, UsageError } from './options.ts';
import { Progress } from './Progress.ts';
import { RecordingsError } from './recordings/make.ts';
import { reportText } from './reportText.ts';

/** `npm run load`: a crowd without browsers in one room of a running server. */

/** A terminal and npm may both pass on the same Ctrl-C. */
const sameSignalMs = 1000;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(helpText());
    return 0;
  }
  const stop = stopOnSignals();
  const progress = new Progress(process.stderr);
  const context = await createContext((line) => progress.note(line));
  const meeting = new LoadMeeting(context, {
    ...options,
    token: options.tokenSecret === undefined ? tokensFromDoor(options.url) : signedTokens(options.tokenSecret),
    frameMs: options.audioFrame,
    dtx: !options.noDtx,
    local: isLoopback(new URL(options.url).hostname.replace(/^\[|\]$/g, '')),
  });
  const roles = rolesOf(options);
  progress.start(meeting, { participants: roles.length, seconds: options.seconds });
  await meeting.ramp(roles, options.ramp, stop);
  const deserted = new AbortController();
  meeting.onDeserted = () => deserted.abort();
  if (!stop.aborted && meeting.joined > 0) {
    meeting.startMeasuring();
    progress.measuring();
    await abortOrTimeout(AbortSignal.any([stop, deserted.signal]), options.seconds * 1000);
  }
  const report = { ...meeting.report(), interrupted: stop.aborted || deserted.signal.aborted };
  progress.stop();
  await meeting.close();
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${reportText(report)}\n`);
  const reasons = Object.keys(report.failures).join('; ') || 'it was interrupted';
  if (report.joined === 0) progress.note(`Nobody joined ${options.url}: ${reasons}`);
  else if (deserted.signal.aborted) progress.note(`Nobody is left in the room: ${reasons}`);
  return report.joined > 0 && !deserted.signal.aborted ? 0 : 1;
}

/** Publishers first, so that there is something to see for those who come after. */
function rolesOf({ publishers, audioPublishers, subscribers }: LoadOptions): Role[] {
  return [
    ...Array.from({ length: publishers }, () => 'publisher' as const),
    ...Array.from({ length: audioPublishers }, () => 'audio' as const),
    ...Array.from({ length: subscribers }, () => 'subscriber' as const),
  ];
}

/** The first signal ends the run with its report, a later one ends the process. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now();
        controller.abort();
      } else if (performance.now() - firstAt > sameSignalMs) {
        process.exit(130);
      }
    });
  }
  return controller.signal;
}

function abortOrTimeout(signal: AbortSignal, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

main().then(
  (code) => {
    // Sockets that are still saying goodbye must not keep a finished run alive.
    process.exitCode = code;
    setTimeout(() => process.exit(), 2000).unref();
  },
  (error: unknown) => {
    const expected = error instanceof UsageError || error instanceof RecordingsError;
    console.error(expected ? error.message : error);
    process.exit(1);
  },
);
