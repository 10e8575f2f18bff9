import type { Model, ModelInput } from '@holdfast/client';
import { cx } from '../../lib/cx.ts';
import { createWords as words } from '../../words/create.ts';
import type { Photo, Values } from './form.ts';

const shapes: Record<Model['aspect_ratios'][number], string> = {
  '9:16': 'aspect-[9/16] h-72',
  '1:1': 'aspect-square h-60',
  '16:9': 'aspect-video w-full',
};

/** The shape of what will be made, with the photo as it will be cropped or the first words. Desktop only: a phone has no room to spare. */
export function PreviewFrame({
  shape,
  photo,
  inputs,
  values,
}: {
  shape: Model['aspect_ratios'][number];
  photo: Photo | undefined;
  inputs: readonly ModelInput[];
  values: Values;
}) {
  const takesPhoto = inputs.some((input) => input.type === 'image');
  const text = inputs
    .filter((input) => input.type === 'text')
    .map((input) => values.text[input.name]?.trim())
    .find(Boolean);
  return (
    <figure
      aria-label={words.preview}
      className="hidden h-80 place-items-center rounded-2xl border border-line bg-stage p-4 lg:grid"
    >
      <div
        className={cx(
          'relative grid place-items-center overflow-hidden rounded-lg border border-line-strong bg-surface transition-[width,height] duration-200',
          shapes[shape],
        )}
      >
        {takesPhoto && photo?.url ? (
          <img src={photo.url} alt="" className="absolute inset-0 size-full object-cover" />
        ) : (
          <p className="line-clamp-6 px-4 text-center text-sm font-medium text-balance text-ink-3 wrap-anywhere">
            {text ?? shape}
          </p>
        )}
      </div>
    </figure>
  );
}
