import { TokenUsageError, tokenCommand, tokenHelp } from './auth/tokenCommand.ts';
import { ConfigError, environment } from './config.ts';
import { PlenumError } from './protocol/index.ts';

/** `npm run token`. */
try {
  console.log((await tokenCommand(process.argv.slice(2), environment)) ?? tokenHelp);
} catch (error) {
  const isSlip = error instanceof TokenUsageError || error instanceof ConfigError || error instanceof PlenumError;
  console.error(isSlip ? error.message : error);
  process.exitCode = 1;
}
