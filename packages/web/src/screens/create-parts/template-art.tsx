import { exampleOf } from '../../lib/examples.ts';

/** Makes that are best shown by a style's own picture. */
const shownBy: Record<string, string> = { 'video-prompt': 'style-nocturne', 'image-prompt': 'style-poster' };

/** A frame of what the template makes. One that nobody has pictured yet gets a plain ground. */
export function TemplateArt({ make }: { make: string }) {
  const picture = exampleOf(shownBy[make] ?? `make-${make}`);
  return (
    <span className="block aspect-[10/9] overflow-hidden border-b border-line bg-stage">
      {picture && (
        <img
          src={picture}
          alt=""
          width="480"
          height="854"
          className="size-full object-cover object-[50%_8%]"
        />
      )}
    </span>
  );
}
