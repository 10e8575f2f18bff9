import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ConnectionError } from '@holdfast/client';
import { cx } from '../lib/cx.ts';
import { commonWords } from '../words/common.ts';
import { ProblemBlock } from './problem.tsx';

/** A grey shape where something will be. */
export function Bone({ className }: { className?: string }) {
  return <div aria-hidden className={cx('animate-shimmer rounded-md bg-line', className)} />;
}

export function Empty({
  title,
  level: Heading = 'h2',
  children,
  action,
}: {
  title: string;
  /** `h1` where it is the whole page. */
  level?: 'h1' | 'h2';
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <Heading className="text-base font-semibold">{title}</Heading>
      {children && <div className="mt-1 max-w-sm text-sm text-ink-2">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}

type Answer<T> = Pick<
  UseQueryResult<T> | UseInfiniteQueryResult<T>,
  'data' | 'error' | 'fetchStatus' | 'refetch'
>;

/**
 * Loading, offline and error for whatever a screen waits for. Data that is already there stays on the screen while a refresh fails:
 * the banner at the top says that it may be old.
 */
export function Await<T>({
  query,
  loading,
  children,
}: {
  query: Answer<T>;
  loading: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  const retry = () => void query.refetch();
  if (query.fetchStatus === 'paused') {
    return <ProblemBlock error={new ConnectionError('')} onRetry={retry} />;
  }
  if (query.error) return <ProblemBlock error={query.error} onRetry={retry} />;
  return (
    <output className="block" aria-label={commonWords.loading}>
      {loading}
    </output>
  );
}
