// The set-up behind every script of package.json: node deploy/bootstrap.mjs <task> [arguments]. It brings what is
// missing (Node, dependencies, worker, browsers), then runs the real program. Plain JavaScript without dependencies,
// because it runs before anything is installed, on any Node from 18 on.
import { explainFileError, SetupFailure } from './bootstrap/failure.mjs';
import { tasks } from './bootstrap/tasks.mjs';

const [name = '', ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;

if (task) {
  try {
    process.exit(await task(args));
  } catch (error) {
    const failure = error instanceof SetupFailure ? error : explainFileError(error);
    console.error(failure ? failure.toString() : error);
    process.exit(1);
  }
} else {
  console.error(`Unknown task "${name}". Known: ${Object.keys(tasks).join(', ')}.`);
  process.exit(1);
}
