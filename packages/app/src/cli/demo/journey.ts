import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { Generation, HoldfastClient, Output, Quote, QuoteRequest } from '@holdfast/client';
import { HoldfastError } from '../../platform/errors.ts';
import type { Progress } from '../progress.ts';

const photo = join(import.meta.dirname, '../../../assets/photos/allium-oreophilum.jpg');

/** What the journey made, each with the file that the person downloaded. */
export interface Made {
  readonly label: string;
  readonly quote: Quote;
  readonly generation: Generation;
  readonly path: string | null;
}

export interface JourneyOptions {
  /** Where the server listens. */
  readonly baseUrl: string;
  /** Where the downloads go. */
  readonly directory: string;
  readonly progress: Progress;
}

/**
 * What a person does: uploads a photograph, asks what two videos would cost, makes both at once, watches them become ready, and downloads them. Only the
 * public API is used.
 */
export async function makeTwoVideos(client: HoldfastClient, options: JourneyOptions): Promise<Made[]> {
  const upload = await client.upload(await openAsBlob(photo, { type: 'image/jpeg' }), { name: 'allium.jpg' });
  const wishes: { label: string; request: QuoteRequest }[] = [
    {
      label: 'from a prompt',
      request: {
        model: 'studio-standard',
        input: {
          template: 'prompt',
          prompt: 'You pay for exactly what was delivered. And it can be proven.',
          duration_seconds: 5,
          aspect_ratio: '9:16',
        },
      },
    },
    {
      label: 'from a photo',
      request: {
        model: 'studio-standard',
        input: {
          template: 'reels',
          image: upload.id,
          prompt: 'Allium oreophilum. Photographed in 1928. Still in bloom.',
          duration_seconds: 4,
          aspect_ratio: '9:16',
        },
      },
    },
  ];
  await mkdir(options.directory, { recursive: true });
  return Promise.all(wishes.map((wish) => make(client, wish, options)));
}

async function make(
  client: HoldfastClient,
  wish: { label: string; request: QuoteRequest },
  options: JourneyOptions,
): Promise<Made> {
  const quote = await client.quote(wish.request);
  const accepted = await client.generate({ quote: quote.id });
  const line = options.progress.line(wish.label, 100);
  line.update(0, accepted.status);
  const generation = await client.waitForGeneration(accepted.id, {
    timeoutMs: 300_000,
    onProgress: (seen) => line.update(Math.floor((seen.final ? 1 : (seen.progress ?? 0)) * 100), words(seen)),
  });
  line.stop();
  const output = generation.outputs[0];
  const path = output
    ? await download(output, join(options.directory, generation.id), options.baseUrl)
    : null;
  return { label: wish.label, quote, generation, path };
}

function words(generation: Generation): string {
  return generation.status === 'queued' && generation.queue_position !== null
    ? `queued, #${generation.queue_position} in line`
    : generation.status;
}

async function download(output: Output, pathWithoutEnding: string, baseUrl: string): Promise<string> {
  const { pathname, search } = new URL(output.download_url, baseUrl);
  const response = await fetch(new URL(pathname + search, baseUrl));
  if (!response.ok || !response.body) {
    throw new HoldfastError('demo_download_failed', `The file's link answered ${response.status}.`);
  }
  const path = `${pathWithoutEnding}.${output.kind === 'video' ? 'mp4' : 'jpg'}`;
  await pipeline(Readable.fromWeb(response.body as WebStream<Uint8Array>), createWriteStream(path));
  return path;
}
