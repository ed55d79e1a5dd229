import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../support/waitFor.ts';
import type { Attack, Target } from './attacks/Attack.ts';
import { endRooms } from './attacks/api.ts';
import { attacks } from './attacks/index.ts';
import { type CorpusEntry, readCorpus, wholeRun } from './corpus/corpus.ts';
import { seedOf } from './generate/seeds.ts';
import { Call, type CallReport } from './world/Call.ts';
import { Findings } from './world/Findings.ts';
import { FuzzServer, type Memory } from './world/FuzzServer.ts';
import { grown } from './world/memory.ts';
import { neverDone } from './world/Outcomes.ts';
import { FuzzRoom } from './world/Visitor.ts';
import { Watch } from './world/Watch.ts';

export interface FuzzOptions {
  /** Of all attacks together. */
  messages: number;
  seed: number;
  /** Names of attacks; all of them where it is left out. */
  only?: readonly string[] | undefined;
  say?: (line: string) => void;
}

export interface FuzzReport {
  seed: number;
  /** What was sent, by attack. */
  sent: Record<string, number>;
  seconds: number;
  /** What should not have been, in words; empty: all is well. */
  findings: string[];
  /** The batches in which something was found. */
  failed: CorpusEntry[];
  replies: number;
  slowestReplyMs: number;
  call: CallReport;
  before: Memory;
  after: Memory;
  /** Lines of level warn, and how often each. */
  warnings: Record<string, number>;
  /** By what was asked for: what came of it, and how often. */
  outcomes: Record<string, Record<string, number>>;
}

/** Of all messages so many come before memory is looked at for the first time. */
const warmUp = 0.1;
const progressMs = 10_000;

/** A server under attack, with a call on it that must not notice. */
export async function fuzz({ messages, seed, only, say = () => undefined }: FuzzOptions): Promise<FuzzReport> {
  const chosen = attacks.filter(({ name }) => !only || only.includes(name));
  const findings = new Findings();
  const folder = mkdtempSync(join(tmpdir(), 'plenum-fuzz-'));
  const auditLog = join(folder, 'audit.log');
  // With one the call's worker is the one whose media are attacked; with several there are pipes between them.
  const server = await FuzzServer.start({ workers: seed % 2 === 0 ? 1 : 2, auditLog });
  const target: Target = {
    url: server.url,
    adminUrl: server.adminUrl,
    findings,
    rooms: [new FuzzRoom('fuzz-left'), new FuzzRoom('fuzz-right')],
    gone: () => server.ended !== undefined,
  };
  const sent: Record<string, number> = {};
  const progress = setInterval(() => say(progressText(sent, findings)), progressMs);
  const watch = await Watch.begin(server, findings);
  let outcome: Outcome = { seconds: 0, call: noCall, before: noMemory, after: noMemory };
  try {
    await Promise.all(chosen.map((attack) => run(attack, messages * warmUp, `${seed}/warm-up`, target)));
    const told = (attack: Attack) => (count: number) => {
      sent[attack.name] = count;
    };
    outcome = await underAttack(server, findings, async () => {
      await runKept(chosen, target);
      await Promise.all(chosen.map((attack) => run(attack, messages * (1 - warmUp), `${seed}`, target, told(attack))));
    });
  } catch (error) {
    // What was found until then says why.
    findings.add(String(error));
  }
  const tried = chosen.map(({ name }) => name);
  for (const nothing of neverDone(findings.outcomes, tried, messages)) findings.add(nothing);
  // The last look finds what no batch is known for.
  clearInterval(progress);
  await watch.end();
  findings.close();
  await server.close().catch((error: unknown) => findings.add(String(error)));
  for (const problem of readAudit(auditLog)) findings.add(problem);
  rmSync(folder, { recursive: true });
  return {
    ...outcome,
    seed,
    sent,
    findings: findings.list,
    failed: failedParts(findings, { messages, seed }),
    replies: findings.replies,
    slowestReplyMs: findings.slowest,
    warnings: Object.fromEntries(watch.warnings),
    outcomes: findings.outcomes.all,
  };
}

type Outcome = Pick<FuzzReport, 'seconds' | 'call' | 'before' | 'after'>;

const noMemory: Memory = { heap: 0, node: 0, workers: 0 };
const noCall: CallReport = { packets: 0, lost: 0, longestGapMs: 0, problems: [] };

/** Every line is one JSON value, whatever was asked for under whatever name. @returns what is not, in words */
function readAudit(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.filter((line) => !isJson(line)).map((line) => `a line of the audit log is none: ${line.slice(0, 200)}`);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Looks at the server and at a call before, during and after the attack. */
async function underAttack(server: FuzzServer, findings: Findings, attack: () => Promise<unknown>): Promise<Outcome> {
  await emptied(server, 0);
  await endRooms(server.url);
  const [before, held] = [await restful(server), await server.ask('inventory')];
  const conversation = await Call.begin(server.url);
  const began = performance.now();
  await attack().catch((error: unknown) => findings.add(String(error)));
  const seconds = (performance.now() - began) / 1000;
  // The call goes on alone; what the workers hold must be what the server says that they do.
  await emptied(server, 2).catch((error: unknown) => findings.add(String(error)));
  await endRooms(server.url).catch((error: unknown) => findings.add(String(error)));
  const { difference } = await server.ask('books').catch((error: unknown) => ({ difference: String(error) }));
  if (difference) findings.add(difference);
  const call = await conversation.end();
  for (const problem of call.problems) findings.add(problem);
  await emptied(server, 0);
  const after = await restful(server);
  for (const problem of grown(before, after, held, await server.ask('inventory'))) findings.add(problem);
  return { seconds, call, before, after };
}

/** Batches in which something was found once, beside a call and with all that is looked at before and after. */
async function runKept(chosen: readonly Attack[], target: Target): Promise<void> {
  for (const { attack, seed } of readCorpus()) {
    const found = chosen.find(({ name }) => name === attack);
    if (found) await runBatch(found, seed, found.batch, target);
  }
}

/** What was found while no batch went on, such as memory that has not come back, is of the run as a whole. */
function failedParts({ failed, list, late }: Findings, { messages, seed }: FuzzOptions): CorpusEntry[] {
  const batches = failed.map((each) => ({ ...each, note: (list[0] ?? '').slice(0, 200) }));
  const [first] = late;
  if (first === undefined) return batches;
  return [...batches, { attack: wholeRun, seed, note: `with --messages ${messages}: ${first.slice(0, 200)}` }];
}

async function run(
  attack: Attack,
  messages: number,
  seed: string,
  target: Target,
  tell: (count: number) => void = () => undefined,
) {
  const total = Math.round(messages * attack.share);
  for (let sent = 0, batch = 0; sent < total && !target.gone(); batch += 1) {
    const count = Math.min(attack.batch, total - sent);
    await runBatch(attack, seedOf(seed, attack.name, batch), count, target);
    sent += count;
    tell(sent);
  }
}

/** What `fetch` fails with says why in its cause only. */
function withCause(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? `${error}: ${error.cause}` : String(error);
}

async function runBatch({ name, run: attack }: Attack, seed: number, count: number, target: Target): Promise<void> {
  const { findings } = target;
  findings.running.set(name, seed);
  await attack(seed, count, target).catch((error: unknown) => findings.add(`${name}: ${withCause(error)}`));
  findings.running.delete(name);
}

/** Waits until only so many are left. */
async function emptied(server: FuzzServer, participants: number): Promise<void> {
  await waitFor(
    `a server with ${participants} participants`,
    async () => {
      const left = await server.ask('inventory');
      return left.participants === participants && left.sockets === participants;
    },
    { timeoutMs: 60_000, intervalMs: 250 },
  );
}

/** Memory that was just freed is given back a little later. */
async function restful(server: FuzzServer): Promise<Memory> {
  await server.memory();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return server.memory();
}

function progressText(sent: Record<string, number>, { replies, slowest, list }: Findings): string {
  const total = Object.values(sent).reduce((sum, each) => sum + each, 0);
  return `${total} sent, ${replies} replies, the slowest after ${Math.round(slowest)} ms, ${list.length} findings`;
}
