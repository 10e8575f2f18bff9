import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../src/platform/media/ffmpeg-path.ts';

export interface Media {
  /** A real film of one second, H.264. */
  readonly mp4: Buffer;
  readonly png: Buffer;
}

/** Small files that really play. */
export async function makeMedia(): Promise<Media> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-emulator-'));
  const make = async (name: string, args: string): Promise<Buffer> => {
    const path = join(folder, name);
    await promisify(execFile)(findFfmpeg(), ['-v', 'error', '-y', ...args.split(' '), path]);
    return readFile(path);
  };
  try {
    return {
      mp4: await make(
        'film.mp4',
        '-f lavfi -i color=c=teal:s=90x160:r=30:d=1 -frames:v 30 -c:v libx264 -pix_fmt yuv420p -movflags +faststart',
      ),
      png: await make('picture.png', '-f lavfi -i color=c=orange:s=120x90:d=1 -frames:v 1'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
