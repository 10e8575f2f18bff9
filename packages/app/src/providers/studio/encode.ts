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
  const child = spawn(findFfmpeg(), argumentsFor(options), {
    stdio: ['pipe', 'ignore', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
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

function argumentsFor({ width, height, frames, soundFile, outFile, rich }: EncoderOptions): string[] {
  const input = `-f rawvideo -pix_fmt rgba -s ${width}x${height} -r ${framesPerSecond} -i pipe:0`;
  const colours = '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv';
  const filter = 'scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=bilinear,format=yuv420p';
  const picture = `-preset veryfast -crf ${rich ? 20 : 22}`;
  const video = `-vf ${filter} -c:v libx264 -profile:v high ${picture} -g ${framesPerSecond * 2} -frames:v ${frames}`;
  const sound = `-c:a aac -b:a ${rich ? 192 : 160}k -ac 2`;
  const whole = '-map 0:v:0 -map 1:a:0 -map_metadata -1 -fflags +bitexact -movflags +faststart -f mp4';
  const split = (text: string): string[] => text.split(' ');
  return [
    '-hide_banner',
    '-loglevel',
    'error',
    '-y',
    ...split(input),
    '-i',
    soundFile,
    ...split(video),
    ...split(colours),
    ...split(sound),
    ...split(whole),
    outFile,
  ];
}
