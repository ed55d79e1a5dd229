import { expect, test } from 'vitest';
import { gridTile, gridView } from '../../load/meeting/views.ts';
import { cut, readIvf, readOgg } from '../../load/recordings/read.ts';

test('frames come out of an IVF file', () => {
  const header = Buffer.alloc(32);
  header.write('DKIF');
  header.writeUInt16LE(32, 6);
  const frame = (text: string) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(text.length);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const frames = readIvf(Buffer.concat([header, frame('one'), frame('three')]));
  expect(frames.map(String)).toEqual(['one', 'three']);
  expect(() => readIvf(Buffer.alloc(40))).toThrow('this is no IVF file');
});

test('packets come out of an Ogg file, also those of 255 bytes and more, and over two pages', () => {
  const page = (segments: number[], data: Buffer) => {
    const head = Buffer.alloc(27);
    head.write('OggS');
    head.writeUInt8(segments.length, 26);
    return Buffer.concat([head, Buffer.from(segments), data]);
  };
  const file = Buffer.concat([
    page([4, 4], Buffer.from('headtags')),
    page([255, 1, 255], Buffer.alloc(511, 1)),
    page([0, 2], Buffer.from('ab')),
  ]);
  expect(readOgg(file).map(({ length }) => length)).toEqual([256, 255, 2]);
});

test('a frame is cut into parts of about the same size', () => {
  expect(cut(Buffer.alloc(2300), 1100).map(({ length }) => length)).toEqual([766, 767, 767]);
  expect(cut(Buffer.alloc(1100), 1100)).toHaveLength(1);
  expect(Buffer.concat(cut(Buffer.from('hello world'), 4)).toString()).toBe('hello world');
});

test('a grid shows the oldest videos of the others, or the page that is asked for', () => {
  const videos = ['a', 'b', 'c', 'd'].map((id) => ({
    publicationId: id,
    participantId: `of-${id}`,
    source: 'camera' as const,
    kind: 'video' as const,
    muted: false,
    codec: 'vp8',
    spatialLayers: 3,
    metadata: {},
  }));
  const shown = (size: number, participantId: string | undefined, offset: number) => {
    const view = gridView(videos, { size, participantId, offset });
    return view === 'auto' ? view : view.videos.map(({ publicationId }) => publicationId);
  };
  expect(shown(2, undefined, 0)).toEqual(['a', 'b']);
  expect(shown(2, 'of-a', 0)).toEqual(['b', 'c']);
  expect(shown(3, undefined, 6)).toEqual(['c', 'd', 'a']);
  expect(shown(9, undefined, 0)).toEqual(['a', 'b', 'c', 'd']);
  expect(shown(0, undefined, 0)).toEqual([]);
  expect(gridTile(9)).toEqual({ width: 640, height: 360 });
});
