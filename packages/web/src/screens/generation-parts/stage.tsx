import type { Generation, Output } from '@holdfast/client';
import { Archive, CircleCheck, CircleSlash, CircleX } from 'lucide-react';
import { cx } from '../../lib/cx.ts';
import { isGone } from '../../lib/is-gone.ts';
import { mediaUrl } from '../../lib/media-url.ts';
import { useNow } from '../../lib/use-now.ts';
import { Locked } from './locked.tsx';
import { ProgressLine } from '../../parts/progress-line.tsx';
import { generationWords as words } from '../../words/generation.ts';

const widths = {
  '9:16': 'max-w-[min(24rem,calc(68dvh*9/16))] lg:max-w-[calc((100dvh-13rem)*9/16)]',
  '1:1': 'max-w-[min(34rem,68dvh)]',
  '16:9': '',
};
const shapes = { '9:16': 'aspect-[9/16]', '1:1': 'aspect-square', '16:9': 'aspect-video' };

/** Where the result stands: a frame of its shape while it is made, then the thing itself. */
export function Stage({ generation }: { generation: Generation }) {
  const shape = generation.input.aspect_ratio ?? '9:16';
  const output = generation.outputs[0];
  if (generation.locked && output) return <Locked generation={generation} output={output} />;
  if (generation.outputs.length > 1) return <Several generation={generation} />;
  return (
    <div className="grid place-items-center rounded-2xl border border-line bg-stage p-3 sm:p-6 lg:sticky lg:top-20 lg:min-h-[min(44rem,calc(100dvh-8rem))]">
      <div
        className={cx(
          'relative grid w-full place-items-center overflow-hidden rounded-xl',
          shapes[shape],
          widths[shape],
          !output && 'border border-dashed border-line-strong bg-surface/60',
          // On a phone the words below matter more than an empty frame.
          !output && shape === '9:16' && 'max-lg:max-w-44',
          !output && shape === '1:1' && 'max-lg:max-w-56',
        )}
      >
        {output?.kind === 'video' && (
          // What is said is drawn into the picture; the sound is music.
          // oxlint-disable-next-line jsx-a11y/media-has-caption
          <video
            key={output.id}
            controls
            playsInline
            loop
            preload="metadata"
            poster={output.poster_url ? mediaUrl(output.poster_url) : undefined}
            src={mediaUrl(output.url)}
            aria-label={words.playerLabel}
            className="size-full rounded-xl bg-black object-contain"
          />
        )}
        {output?.kind === 'image' && <Picture output={output} generation={generation} />}
        {!output && <Unfinished generation={generation} />}
      </div>
    </div>
  );
}

function Picture({ output, generation }: { output: Output; generation: Generation }) {
  return (
    <img
      src={mediaUrl(output.url)}
      width={output.width}
      height={output.height}
      alt={generation.input.prompt ?? words.imageAlt}
      className="size-full rounded-xl object-contain"
    />
  );
}

/** All of what was made at once, two beside each other. */
function Several({ generation }: { generation: Generation }) {
  return (
    <ul
      data-testid="outputs"
      className="grid grid-cols-2 gap-3 rounded-2xl border border-line bg-stage p-3 sm:p-6 lg:sticky lg:top-20"
    >
      {generation.outputs.map((output, index) => (
        <li key={output.id} className="overflow-hidden rounded-xl">
          {output.kind === 'image' ? (
            <a href={mediaUrl(output.url)} aria-label={words.output(index + 1)}>
              <Picture output={output} generation={generation} />
            </a>
          ) : (
            // What is said is drawn into the picture; the sound is music.
            // oxlint-disable-next-line jsx-a11y/media-has-caption
            <video
              controls
              playsInline
              preload="metadata"
              poster={output.poster_url ? mediaUrl(output.poster_url) : undefined}
              src={mediaUrl(output.url)}
              aria-label={words.output(index + 1)}
              className="size-full rounded-xl bg-black object-contain"
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Unfinished({ generation }: { generation: Generation }) {
  const now = useNow(false);
  if (generation.status === 'failed' || generation.status === 'cancelled') {
    const Icon = generation.status === 'failed' ? CircleX : CircleSlash;
    return (
      <div className="flex flex-col items-center gap-3 p-6 text-ink-3">
        <Icon aria-hidden className="size-7" strokeWidth={1.5} />
        <span className="text-sm">{words.headline[generation.status]}</span>
      </div>
    );
  }
  if (generation.status === 'succeeded') {
    const gone = isGone(generation, now);
    const Icon = gone ? Archive : CircleCheck;
    return (
      <div className="flex flex-col items-center gap-3 p-6 text-ink-3">
        <Icon aria-hidden className="size-7" strokeWidth={1.5} />
        <span className="text-center text-sm text-balance">{gone ? words.notKept : words.elsewhere}</span>
      </div>
    );
  }
  const percent = generation.progress === null ? null : Math.round(generation.progress * 100);
  return (
    <div className="flex w-full max-w-56 flex-col items-center px-5">
      <span className="text-4xl font-semibold tracking-[-0.03em] text-ink tabular-nums" data-testid="percent">
        {percent === null || generation.status === 'queued' ? (
          <span aria-hidden className="inline-block size-3 animate-breathe rounded-full bg-accent" />
        ) : (
          `${percent}%`
        )}
      </span>
      <ProgressLine value={generation.status === 'queued' ? null : generation.progress} className="mt-5" />
      <span className="mt-3 text-center text-sm text-balance text-ink-3">
        {words.headline[generation.status]}
      </span>
    </div>
  );
}
