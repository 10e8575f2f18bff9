import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFfmpeg } from '../../platform/media/ffmpeg-path.ts';
import { StudioError } from './errors.ts';
import { framesPerSecond } from './request.ts';

export interface EncoderOptions {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** A WAV file exactly as long as the frames. */
  readonly soundFile: string;
  readonly outFile: string;
  readonly rich: boolean;
  readonly signal?: AbortSignal;
}

/** Takes raw RGBA frames, writes H.264 and AAC in an MP4 that starts playing at once. */
export interface Encoder {
  write(frame: Buffer): Promise<void>;
  /** Resolves when the file is whole. */
  finish(): Promise<void>;
  kill(): void;
}

/**
 * Starts ffmpeg. It is fed nothing but raw frames and the sound made here, so that no file of a stranger's reaches its decoders. It stays
 * in this process's group, and goes with it.
 */
export function startEncoder(options: EncoderOptions): Encoder {
  const { width, height, frames } = options;
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgba',
    '-s',
    `${width}x${height}`,
    '-r',
    `${framesPerSecond}`,
    '-i',
    'pipe:0',
  ];
  const picture = [
    ...['-vf', 'scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=bilinear,format=yuv420p'],
    ...['-c:v', 'libx264', '-profile:v', 'high', '-preset', options.rich ? 'faster' : 'veryfast'],
    ...['-crf', options.rich ? '19' : '20', '-g', `${framesPerSecond * 2}`, '-frames:v', `${frames}`],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
  ];
  const sound = ['-c:a', 'aac', '-b:a', options.rich ? '192k' : '160k', '-ac', '2'];
  const whole = [
    '-map',
    '0:v:0',
    '-map',
    '1:a:0',
    '-map_metadata',
    '-1',
    '-fflags',
    '+bitexact',
    '-movflags',
    '+faststart',
  ];
  const child = spawn(
    findFfmpeg(),
    [
      '-hide_banner',
      '-loglevel',
      'error',
      '-y',
      ...input,
      '-i',
      options.soundFile,
      ...picture,
      ...sound,
      ...whole,
      '-f',
      'mp4',
      options.outFile,
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], signal: options.signal, killSignal: 'SIGKILL' },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2000);
  });
  let broken: Error | null = null;
  child.on('error', (error) => {
    broken ??= error;
  });
  child.stdin.on('error', (error) => {
    broken ??= error;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  const failure = (): StudioError =>
    new StudioError(
      'render_failed',
      `The encoder stopped: ${said.trim() || broken?.message || 'it was killed'}.`,
    );
  return {
    async write(frame) {
      if (broken || child.exitCode !== null) throw failure();
      if (!child.stdin.write(frame))
        await Promise.race([once(child.stdin, 'drain').catch(() => undefined), ended]);
    },
    async finish() {
      child.stdin.end();
      if ((await ended) !== 0) throw failure();
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}
