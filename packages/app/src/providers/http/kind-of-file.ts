import type { ProviderOutput } from '../port.ts';

/** What an address leads to, by its ending: vendors list results of all kinds alike. */
export function kindOfFile(url: string): ProviderOutput['kind'] {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return /\.(png|jpe?g|webp|gif|avif)$/i.test(path) ? 'image' : 'video';
}
