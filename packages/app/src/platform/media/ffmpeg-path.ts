import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { HoldfastError } from '../errors.ts';

const require = createRequire(import.meta.url);

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** No ffmpeg that can be run. The operator's to mend. */
export class FfmpegMissingError extends HoldfastError {
  constructor(message: string) {
    super('ffmpeg_missing', message);
  }
}

/**
 * Where ffmpeg is: `FFMPEG_PATH`, then the machine's own on `PATH`, then the one that comes from npm. Throws `FfmpegMissingError` with
 * what to do.
 */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string {
  if (env['FFMPEG_PATH']) {
    if (runnable(env['FFMPEG_PATH'])) return env['FFMPEG_PATH'];
    throw new FfmpegMissingError(
      `FFMPEG_PATH is "${env['FFMPEG_PATH']}", and no program can be run there. Correct it or leave it unset.`,
    );
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg');
    if (runnable(path)) return path;
  }
  try {
    const { path } = require('@ffmpeg-installer/ffmpeg') as { path: string };
    if (runnable(path)) return path;
  } catch (error) {
    throw new FfmpegMissingError(
      `There is no ffmpeg for this machine (${error instanceof Error ? error.message : 'unknown'}). Install ffmpeg, or set FFMPEG_PATH.`,
    );
  }
  throw new FfmpegMissingError('There is no ffmpeg on this machine. Install it, or set FFMPEG_PATH.');
}
