import type { Generation } from '@holdfast/client';
import { libraryWords as words } from '../words/library.ts';

/** What a generation is called in lists: what its maker wrote, or what it is. */
export function titleOf(generation: Generation): string {
  const { prompt, product_name, image } = generation.input;
  return product_name ?? prompt ?? (image ? words.fromPhoto : words.untitled)[generation.kind];
}
