/**
 * `npm run build`: makes the publishable package in dist/, as plain JavaScript modules with type declarations:
 * `plenum/client` (the SDK), `plenum/server` (access tokens) and `plenum/protocol` (the wire protocol). The media server
 * itself is not part of it, so installing it brings no native code.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Entry of the package -> folder below src/. */
const entries = { client: 'client', server: 'auth', protocol: 'protocol' };

/** All that the three entries import. A dependency that is missing here is found by the package's test. */
const dependencies = ['@noble/hashes', 'jose', 'mediasoup-client', 'socket.io-client', 'zod'];

/** The SDK sees the types of a browser, the token helper those of Node: two programs, one output. */
const programs = {
  browser: {
    compilerOptions: { lib: ['es2024', 'dom', 'dom.iterable'], types: [] },
    files: ['../src/client/index.ts'],
  },
  node: { compilerOptions: {}, files: ['../src/auth/index.ts', '../src/protocol/index.ts'] },
};

const emit = {
  noEmit: false,
  rootDir: '../src',
  outDir: '.',
  declaration: true,
  sourceMap: false,
  // What is marked @internal is for the SDK's own files.
  stripInternal: true,
};

function compile(name, { compilerOptions, files }) {
  const project = join(dist, `tsconfig.${name}.json`);
  const config = {
    extends: '../tsconfig.json',
    compilerOptions: { ...emit, ...compilerOptions },
    files,
    include: [],
    exclude: [],
  };
  writeFileSync(project, JSON.stringify(config));
  // TypeScript 7 has no compiler API, so its command is run; on Windows, too, by way of Node.
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`tsc failed for ${name}`);
  rmSync(project);
}

/** tsc turns `./a.ts` into `./a.js` in code, but leaves it in declarations, where it names a file that is not shipped. */
function pointDeclarationsToCode() {
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(dist, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/((?:from |import |import\()['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '$1.js'));
  }
}

function manifest() {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const range = (name) => {
    const found = own.dependencies[name];
    if (!found) throw new Error(`package.json has no dependency ${name}`);
    return [name, found];
  };
  return {
    name: 'plenum',
    version: own.version,
    description: 'Meetings through the Plenum SFU: client SDK, access tokens, wire protocol.',
    license: own.license,
    type: 'module',
    exports: Object.fromEntries(
      Object.entries(entries).map(([entry, folder]) => [
        `./${entry}`,
        { types: `./${folder}/index.d.ts`, default: `./${folder}/index.js` },
      ]),
    ),
    dependencies: Object.fromEntries(dependencies.map(range)),
  };
}

try {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const [name, program] of Object.entries(programs)) compile(name, program);
  pointDeclarationsToCode();
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  for (const file of ['README.md', 'LICENSE']) cpSync(join(root, file), join(dist, file));
  console.log('The package is in dist/; publish it with: npm publish ./dist');
} catch (error) {
  // A package that is half there must not be published.
  rmSync(dist, { recursive: true, force: true });
  console.error(`The package could not be built: ${error.message}`);
  process.exitCode = 1;
}
