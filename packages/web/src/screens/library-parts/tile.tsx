import type { Generation } from '@holdfast/client';
import { Link } from '@tanstack/react-router';
import { Archive, CircleCheck, CircleSlash, CircleX, Lock, type LucideIcon } from 'lucide-react';
import { formatCredits, formatDay, formatSeconds } from '../../lib/format.ts';
import { isGone } from '../../lib/is-gone.ts';
import { mediaUrl } from '../../lib/media-url.ts';
import { titleOf } from '../../lib/title-of.ts';
import { useNow } from '../../lib/use-now.ts';
import { Moment } from '../../parts/moment.tsx';
import { ProgressLine } from '../../parts/progress-line.tsx';
import { commonWords } from '../../words/common.ts';
import { libraryWords as words } from '../../words/library.ts';

/** One generation in the grid: its poster, or how far it is, or how it ended. */
export function LibraryTile({ generation }: { generation: Generation }) {
  return (
    <li>
      <Link
        to="/generations/$id"
        params={{ id: generation.id }}
        className="group block overflow-hidden rounded-xl border border-line bg-surface shadow-card transition-colors duration-100 hover:border-line-strong"
      >
        <div className="relative grid aspect-[4/5] place-items-center overflow-hidden bg-stage">
          <Picture generation={generation} />
        </div>
        <div className="px-3 pt-2.5 pb-3">
          <p className="truncate text-sm font-medium">{titleOf(generation)}</p>
          <p className="mt-0.5 flex flex-wrap justify-between gap-x-2 text-xs text-ink-3 tabular-nums">
            <Moment at={generation.created_at} />
            <Money generation={generation} />
          </p>
          {generation.kept_until !== null && generation.outputs.length > 0 && (
            <p className="mt-0.5 text-xs text-ink-3" data-testid="kept-until">
              {words.keptUntil} <Moment at={generation.kept_until} format={formatDay} />
            </p>
          )}
        </div>
      </Link>
    </li>
  );
}

function Money({ generation }: { generation: Generation }) {
  const { receipt, final } = generation;
  if (receipt.not_charged) return <span className="text-accent">{words.notCharged}</span>;
  if (!final && receipt.policy === 'reserve') {
    return <span className="text-held">{words.held(formatCredits(receipt.held))}</span>;
  }
  if (!final && receipt.policy === 'postpaid') {
    return <span className="text-held">{words.atMost(formatCredits(receipt.quoted))}</span>;
  }
  return <span>{words.charged(formatCredits(receipt.charged))}</span>;
}

const icons = { succeeded: CircleCheck, failed: CircleX, cancelled: CircleSlash };

function Picture({ generation }: { generation: Generation }) {
  const now = useNow(false);
  const output = generation.outputs[0];
  if (generation.locked) return <Said Icon={Lock} words={words.locked} />;
  if (isGone(generation, now)) return <Said Icon={Archive} words={words.notKept} />;
  const picture = output && (output.kind === 'image' ? output.url : output.poster_url);
  if (output && picture) {
    return (
      <>
        <img
          src={mediaUrl(picture)}
          alt=""
          loading="lazy"
          decoding="async"
          width={output.width}
          height={output.height}
          className="size-full object-cover transition-transform duration-300 ease-out group-hover:scale-[1.015]"
        />
        {generation.outputs.length > 1 && (
          <span className="absolute top-2 right-2 rounded-md bg-black/65 px-1.5 py-0.5 text-2xs font-medium text-white tabular-nums">
            {words.several(generation.outputs.length)}
          </span>
        )}
        {output.duration_seconds !== null && (
          <span className="absolute right-2 bottom-2 rounded-md bg-black/65 px-1.5 py-0.5 text-2xs font-medium text-white tabular-nums">
            {formatSeconds(output.duration_seconds)}
          </span>
        )}
      </>
    );
  }
  if (!generation.final) {
    return (
      <div className="w-full px-6 text-center">
        <p className="mb-3 text-sm text-ink-2">{commonWords.status[generation.status]}</p>
        <ProgressLine value={generation.status === 'queued' ? null : generation.progress} />
      </div>
    );
  }
  const Icon =
    icons[
      generation.status === 'succeeded' || generation.status === 'failed' ? generation.status : 'cancelled'
    ];
  return <Said Icon={Icon} words={commonWords.status[generation.status]} />;
}

function Said({ Icon, words: said }: { Icon: LucideIcon; words: string }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 text-center text-ink-3">
      <Icon aria-hidden className="size-6" strokeWidth={1.5} />
      <span className="text-sm text-balance">{said}</span>
    </div>
  );
}
