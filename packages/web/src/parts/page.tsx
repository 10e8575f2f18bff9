import type { ReactNode } from 'react';
import { useTitle } from '../lib/use-title.ts';
import { cx } from '../lib/cx.ts';

/** A screen's frame: its title, what stands beside it, and the content at a readable width. */
export function Page({
  title,
  aside,
  wide,
  hideTitle,
  children,
}: {
  title: string;
  aside?: ReactNode;
  wide?: boolean;
  hideTitle?: boolean;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <div className={cx('mx-auto w-full px-4 pt-6 pb-16 sm:px-6 sm:pt-9', wide ? 'max-w-6xl' : 'max-w-4xl')}>
      <div
        className={cx(
          'mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 sm:mb-7',
          hideTitle && 'sr-only',
        )}
      >
        <h1 className="text-xl font-semibold tracking-[-0.018em] sm:text-2xl">{title}</h1>
        {aside}
      </div>
      {children}
    </div>
  );
}

/** A titled part of a page. */
export function Section({
  id,
  title,
  note,
  aside,
  children,
}: {
  id?: string;
  title: string;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section id={id} aria-label={title} className="scroll-mt-20">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div>
          <h2 className="text-base font-semibold tracking-[-0.01em]">{title}</h2>
          {note && <p className="mt-0.5 max-w-2xl text-sm text-ink-3">{note}</p>}
        </div>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div className={cx('rounded-2xl border border-line bg-surface shadow-card', className)}>{children}</div>
  );
}
