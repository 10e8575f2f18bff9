import { writeFile } from 'node:fs/promises';

export const sampleRate = 44_100;

/** Two channels, -1 to 1. */
export interface Sound {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** Writes 16-bit stereo PCM. */
export async function writeWav(path: string, { left, right }: Sound): Promise<void> {
  const bytes = Buffer.alloc(44 + left.length * 4);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + left.length * 4, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * 4, 28);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(left.length * 4, 40);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset + 44, left.length * 2);
  for (let i = 0; i < left.length; i += 1) {
    samples[i * 2] = Math.round(Math.max(-1, Math.min(1, left[i] ?? 0)) * 32_767);
    samples[i * 2 + 1] = Math.round(Math.max(-1, Math.min(1, right[i] ?? 0)) * 32_767);
  }
  await writeFile(path, bytes);
}
