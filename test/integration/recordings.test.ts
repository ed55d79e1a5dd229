import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ensureRecordings } from '../load/recordings/make.ts';
import { readIvf, readRecordings } from '../load/recordings/read.ts';
import { frameRate, temporalPattern, videoSpecs } from '../load/recordings/spec.ts';
import { isKeyFrame } from '../load/rtp/vp8.ts';

const folder = await ensureRecordings();
const recordings = await readRecordings(folder);
const scratch = await mkdtemp(join(tmpdir(), 'plenum-recordings-'));

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** What each frame looks like when it is decoded; fails where the decoder finds fault with any. */
async function picturesOf(header: Buffer, frames: readonly Buffer[]): Promise<string[]> {
  const parts = [header];
  frames.forEach((frame, index) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(frame.length, 0);
    head.writeUInt32LE(index, 4);
    parts.push(head, frame);
  });
  const file = join(scratch, `${frames.length}.ivf`);
  await writeFile(file, Buffer.concat(parts));
  const args = ['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', file, '-f', 'framemd5', '-'];
  const lines = execFileSync('ffmpeg', args, { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line && !line.startsWith('#')).map((line) => line.split(',').at(-1)?.trim() ?? '');
}

describe.each(videoSpecs)('$file', ({ file, width, height, bitrate }) => {
  const content = readFileSync(join(folder, file));
  const frames = readIvf(content);

  test('ten seconds of that size and rate, with the one key frame at the start', () => {
    expect([content.readUInt16LE(12), content.readUInt16LE(14)]).toEqual([width, height]);
    expect(frames).toHaveLength(10 * frameRate);
    expect(frames.map(isKeyFrame).lastIndexOf(true)).toBe(0);
    const rate = (frames.reduce((sum, { length }) => sum + length, 0) * 8) / 10;
    expect(rate).toBeGreaterThan(bitrate * 0.8);
    expect(rate).toBeLessThan(bitrate * 1.25);
  });

  test('every temporal layer can be taken away, and what is left looks the same', async () => {
    const header = content.subarray(0, 32);
    const all = await picturesOf(header, frames);
    expect(all).toHaveLength(frames.length);
    for (const highest of [0, 1]) {
      const kept = frames.flatMap((frame, index) =>
        (temporalPattern[index % temporalPattern.length]?.layer ?? 0) <= highest ? [{ frame, index }] : [],
      );
      const pictures = await picturesOf(
        header,
        kept.map(({ frame }) => frame),
      );
      expect(pictures).toEqual(kept.map(({ index }) => all[index]));
    }
  });

  test('a receiver may begin with a higher layer where the descriptor says so, and throw away what it may', async () => {
    const header = content.subarray(0, 32);
    const all = await picturesOf(header, frames);
    // The base layer alone for a while, then all that is marked as a place to begin, then everything.
    const joins = 101;
    const kept = frames.flatMap((frame, index) => {
      const { layer = 0, sync = false } = temporalPattern[index % temporalPattern.length] ?? {};
      const lateEnough = index > joins + temporalPattern.length;
      return layer === 0 || (sync && index > joins) || lateEnough ? [{ frame, index }] : [];
    });
    const pictures = await picturesOf(
      header,
      kept.map(({ frame }) => frame),
    );
    expect(pictures).toEqual(kept.map(({ index }) => all[index]));
  });
});

test('packets of sound, 20 or 60 ms each, and silence that is small', () => {
  for (const frameMs of [20, 60] as const) {
    const { speech, silence } = recordings.audio[frameMs];
    expect(speech).toHaveLength((frameMs === 20 ? 5000 : 6000) / frameMs);
    const mean = (packets: readonly Buffer[]) => packets.reduce((sum, { length }) => sum + length, 0) / packets.length;
    expect(mean(silence)).toBeLessThan(mean(speech) / 2);
    expect(Math.max(...[...speech, ...silence].map(({ length }) => length))).toBeLessThan(500);
  }
});
