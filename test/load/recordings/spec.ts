/** What the load test plays, and how ffmpeg makes it. The cache is keyed by all of it. */

export const frameRate = 30;
const seconds = 10;

export interface VideoSpec {
  file: string;
  width: number;
  height: number;
  /** Bits per second; what the client SDK gives a camera of that size. */
  bitrate: number;
  args: string[];
}

/**
 * Which temporal layer each frame belongs to, by its place after the key frame: what ffmpeg calls layering mode 3. Only
 * the last of the four refers to another layer than the lowest.
 */
export const temporalPattern = [
  { layer: 0, sync: false, discardable: false },
  { layer: 2, sync: true, discardable: true },
  { layer: 1, sync: true, discardable: false },
  { layer: 2, sync: false, discardable: true },
] as const;

/**
 * One group of pictures in three temporal layers at a constant bitrate. The first frame is the only key frame, so that
 * whoever is asked for a key frame goes back to the start: it is there within the time of one frame, and what follows
 * refers to nothing else. Noise keeps every frame about as large as a camera's.
 */
function video(width: number, height: number, bitrate: number): VideoSpec {
  const share = (part: number) => Math.round((bitrate * part) / 1000);
  const temporal = [
    'ts_number_layers=3',
    `ts_target_bitrate=${share(0.4)},${share(0.6)},${share(1)}`,
    'ts_rate_decimator=4,2,1',
    'ts_periodicity=4',
    'ts_layer_id=0,2,1,2',
    'ts_layering_mode=3',
  ];
  const file = `camera-${width}x${height}.ivf`;
  const picture = `testsrc2=size=${width}x${height}:rate=${frameRate},noise=alls=10:allf=t:all_seed=1`;
  const rate = ['-b:v', `${bitrate}`, '-minrate', `${bitrate}`, '-maxrate', `${bitrate}`, '-bufsize', `${bitrate / 2}`];
  const coding = ['-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-error-resilient', '1'];
  const oneGroup = ['-auto-alt-ref', '0', '-g', '9999', '-keyint_min', '9999', '-ts-parameters', temporal.join(':')];
  return {
    file,
    width,
    height,
    bitrate,
    args: ['-f', 'lavfi', '-i', picture, '-t', `${seconds}`, '-c:v', 'libvpx', ...rate, ...coding, ...oneGroup],
  };
}

/** The encodings of a camera of 1280x720, smallest first. */
export const videoSpecs: readonly VideoSpec[] = [
  video(320, 180, 140_000),
  video(640, 360, 488_000),
  video(1280, 720, 1_700_000),
];

export type AudioFrameMs = 20 | 60;

export interface AudioSpec {
  file: string;
  /** How many packets of it are played: those at the end hold what the encoder had left over. */
  packets: number;
  args: string[];
}

function audio(name: string, frameMs: AudioFrameMs, sound: string, length: number): AudioSpec {
  const coding = [
    '-c:a',
    'libopus',
    '-b:a',
    '32k',
    // Free to, the encoder spends 52 kbit/s on these harmonics, more than the client SDK ever sends.
    '-vbr',
    'constrained',
    '-application',
    'voip',
    '-frame_duration',
    `${frameMs}`,
  ];
  return {
    file: `${name}-${frameMs}.ogg`,
    packets: Math.floor((length * 1000) / frameMs),
    args: ['-f', 'lavfi', '-i', `${sound}:s=48000`, '-t', `${length}`, '-ac', '1', ...coding],
  };
}

/** A voice of some sort: three harmonics in syllables, four a second. */
const voice = 'aevalsrc=0.3*(sin(2*PI*140*t)+0.5*sin(2*PI*280*t)+0.3*sin(2*PI*420*t))*(0.6+0.4*sin(2*PI*4*t))';

export const audioSpecs = {
  20: { speech: audio('speech', 20, voice, 5), silence: audio('silence', 20, 'aevalsrc=0', 1) },
  60: { speech: audio('speech', 60, voice, 6), silence: audio('silence', 60, 'aevalsrc=0', 1) },
} as const satisfies Record<AudioFrameMs, { speech: AudioSpec; silence: AudioSpec }>;

export const allSpecs: readonly { file: string; args: string[] }[] = [
  ...videoSpecs,
  ...Object.values(audioSpecs).flatMap(({ speech, silence }) => [speech, silence]),
];
