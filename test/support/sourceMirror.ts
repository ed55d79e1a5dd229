import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DEBIAN_FILES = {
  'debian/source/format': '3.0 (native)\n',
  'debian/control': `Source: libsrtp2
Maintainer: Nobody <nobody@example.org>
Standards-Version: 4.6.0

Package: libsrtp2-1
Architecture: any
Description: nothing
`,
  'debian/changelog': `libsrtp2 (2.99) unstable; urgency=low

  * Made by a test.

 -- Nobody <nobody@example.org>  Mon, 01 Jan 2024 00:00:00 +0000
`,
};

/** @returns whether this machine has what `makeMirror` and the code under test need */
export function hasSourceTools(): boolean {
  const found = ['apt-get', 'dpkg-source', 'dpkg-scansources', 'cmake', 'ninja', 'cc'].map((tool) => {
    try {
      execFileSync('which', [tool], { stdio: 'ignore' });
      return true;
    } catch {
      // `which` ends with 1 where there is none.
      return false;
    }
  });
  return found.every(Boolean);
}

/**
 * A Debian mirror in a folder, unsigned, with one source package: libsrtp2 2.99, which is a CMake project around
 * the given C code.
 */
export function makeMirror(dir: string, code: string): void {
  const source = join(dir, 'libsrtp2');
  const files = {
    ...DEBIAN_FILES,
    'CMakeLists.txt': `cmake_minimum_required(VERSION 3.12)
project(libsrtp2 C)
add_library(srtp2 STATIC srtp.c)
install(TARGETS srtp2 ARCHIVE DESTINATION lib)
`,
    'srtp.c': code,
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), content);
  }
  execFileSync('dpkg-source', ['--build', 'libsrtp2'], { cwd: dir, stdio: 'ignore' });
  writeFileSync(
    join(dir, 'Sources'),
    execFileSync('dpkg-scansources', ['.'], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
}
