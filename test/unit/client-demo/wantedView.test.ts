import { describe, expect, it } from 'vitest';
import { type DrawnVideo, fitOf, wantedVideos } from '../../../client-demo/src/lib/wantedView.ts';

const drawn: DrawnVideo = {
  publicationId: 'p',
  tile: { width: 320, height: 180 },
  picture: { width: 1280, height: 720 },
  fit: 'cover',
};

const sizeOf = (video: DrawnVideo, ratio = 1) => {
  const [wanted] = wantedVideos([video], ratio);
  return [wanted?.width, wanted?.height];
};

describe('wantedVideos', () => {
  it('asks for physical pixels', () => {
    expect(sizeOf(drawn, 2)).toEqual([640, 360]);
  });

  it('counts what the edge of a tile cuts off', () => {
    expect(sizeOf({ ...drawn, tile: { width: 180, height: 180 } })).toEqual([320, 180]);
  });

  it('asks for no more than a whole picture needs', () => {
    expect(sizeOf({ ...drawn, tile: { width: 180, height: 180 }, fit: 'contain' })).toEqual([180, 101]);
  });

  it('asks for the size of the tile while the size of the picture is unknown', () => {
    expect(sizeOf({ ...drawn, picture: undefined })).toEqual([320, 180]);
  });

  it('stays within the protocol’s limits', () => {
    expect(sizeOf({ ...drawn, tile: { width: 99_999, height: 0.1 } })[0]).toBe(16_384);
  });
});

describe('fitOf', () => {
  const wide = { width: 320, height: 180 };
  const upright = { width: 180, height: 320 };

  it('fills the tile with a face, unless too little of the picture would be left', () => {
    expect(fitOf('camera', wide, { width: 640, height: 480 })).toBe('cover');
    expect(fitOf('camera', wide, upright)).toBe('contain');
    expect(fitOf('camera', wide, undefined)).toBe('cover');
  });

  it('never cuts off a part of a screen', () => {
    expect(fitOf('screen', upright, wide)).toBe('contain');
  });
});
