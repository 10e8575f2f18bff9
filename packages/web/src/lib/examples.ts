const files = import.meta.glob<string>('../examples/*.webp', {
  eager: true,
  query: '?url',
  import: 'default',
});

/** A real frame of the renderer, by what it shows (`style-paper`, `make-video-reels`); nothing where there is none. */
export function exampleOf(name: string): string | undefined {
  return files[`../examples/${name}.webp`];
}
