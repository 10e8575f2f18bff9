import { CircleAlert, CircleCheck, Clock, Info, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../lib/cx.ts';

export type Tone = 'plain' | 'good' | 'held' | 'bad';

const tones: Record<Tone, { box: string; icon: string; Icon: LucideIcon }> = {
  plain: { box: 'bg-sunken border-line', icon: 'text-ink-3', Icon: Info },
  good: { box: 'bg-accent-soft border-accent-line', icon: 'text-accent', Icon: CircleCheck },
  held: { box: 'bg-held-soft border-transparent', icon: 'text-held', Icon: Clock },
  bad: { box: 'bg-bad-soft border-bad-line', icon: 'text-bad', Icon: CircleAlert },
};

/** A short message in the flow of the page. `bad` is read out at once. */
export function Notice({
  tone = 'plain',
  title,
  children,
  action,
}: {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const { box, icon, Icon } = tones[tone];
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={cx('flex gap-3 rounded-xl border px-3.5 py-3 text-sm text-ink-2', box)}
    >
      <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', icon)} />
      <div className="min-w-0 flex-1">
        {title && <p className="font-medium text-ink">{title}</p>}
        {children && <div className={title ? 'mt-0.5' : undefined}>{children}</div>}
        {action && <div className="mt-2.5 flex flex-wrap gap-2">{action}</div>}
      </div>
    </div>
  );
}
