import type { Generation } from '@holdfast/client';
import { Notice } from '../../parts/notice.tsx';
import { ProblemIds } from '../../parts/problem.tsx';
import { generationWords as words } from '../../words/generation.ts';

/** Why it ended without a result: in words, then the code and the id that support asks for. */
export function Failure({ error, id }: { error: NonNullable<Generation['error']>; id: string }) {
  if (error.class === 'CANCELLED') return <Notice tone="plain">{error.message}</Notice>;
  return (
    <Notice tone="bad" title={words.errorTitle}>
      <p data-testid="failure">{error.message}</p>
      <p className="mt-1">{error.retryable ? words.errorRetry : words.errorNoRetry}</p>
      <ProblemIds code={error.code} request={id} />
    </Notice>
  );
}
