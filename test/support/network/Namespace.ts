import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, systemEnv, tryRun } from './commands.ts';

/** Its links get no IPv6 addresses: those come a second late, and Chromium drops what it loads when an address comes. */
const onlyIpv4 = 'file=/proc/sys/net/ipv6/conf/default/disable_ipv6; [ ! -e $file ] || echo 1 > $file';

/** A machine of its own, as far as the network is concerned: its own interfaces, addresses, routes and firewall. */
export class Namespace {
  /** As `ip netns` lists it. */
  readonly name: string;
  #pairs = 0;
  #closed = false;

  constructor(name: string) {
    this.name = name;
    run('ip', 'netns', 'add', name);
    this.run('ip', 'link', 'set', 'lo', 'up');
    this.run('sh', '-c', onlyIpv4);
  }

  /**
   * Gives it an interface that is not loopback; traffic to its own address stays inside.
   * @param address with the prefix's length, for example `10.77.0.1/24`
   */
  addAddress(address: string): void {
    const device = `veth${this.#pairs}`;
    this.#pairs += 1;
    // Both ends stay here: one end on the host would change the addresses that everything else there sees.
    this.run('ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', `${device}p`);
    this.run('ip', 'link', 'set', `${device}p`, 'up');
    this.run('ip', 'link', 'set', device, 'up');
    this.run('ip', 'address', 'add', address, 'dev', device);
  }

  /** Runs a short command inside, for example `nft` or `ip route`, and gives its output. */
  run(...command: string[]): string {
    return run('ip', 'netns', 'exec', this.name, ...command);
  }

  /** Starts a program inside. It is killed when the namespace is closed. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], { env: systemEnv, ...options });
  }

  /** Path of an executable that runs the command inside, for libraries that want to start a browser themselves. */
  launcher(command: string): string {
    const file = launcherFile(this.name);
    writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${this.name} ${command} "$@"\n`, { mode: 0o755 });
    return file;
  }

  /** Of the programs that run inside. */
  pids(): number[] {
    return run('ip', 'netns', 'pids', this.name).split('\n').filter(Boolean).map(Number);
  }

  /** Kills what still runs inside and removes it. Synchronous, so that it can be called while the process exits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    removeNamespace(this.name);
  }
}

function launcherFile(name: string): string {
  return join(tmpdir(), `${name}-launch`);
}

/** A namespace lives on, unseen, while a process is inside; so those go first. */
export function removeNamespace(name: string): void {
  for (const pid of tryRun('ip', 'netns', 'pids', name).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
  tryRun('ip', 'netns', 'delete', name);
  rmSync(launcherFile(name), { force: true });
}
