import { commonWords } from '../words/common.ts';
import { Button } from './button.tsx';
import { ProblemNotice } from './problem.tsx';

/** The way to a list's next page. */
export function ShowMore({
  query,
  end,
}: {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => Promise<unknown>;
  };
  end?: string;
}) {
  const next = () => void query.fetchNextPage();
  if (query.isFetchNextPageError) {
    return (
      <div className="mt-5">
        <ProblemNotice error={query.error} onRetry={next} />
      </div>
    );
  }
  if (!query.hasNextPage) return end ? <p className="mt-6 text-center text-xs text-ink-3">{end}</p> : null;
  return (
    <div className="mt-6 text-center">
      <Button busy={query.isFetchingNextPage} onClick={next}>
        {commonWords.showMore}
      </Button>
    </div>
  );
}
