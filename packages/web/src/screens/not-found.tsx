import { Link } from '@tanstack/react-router';
import { useTitle } from '../lib/use-title.ts';
import { Button } from '../parts/button.tsx';
import { Empty } from '../parts/states.tsx';
import { commonWords as words } from '../words/common.ts';

export function NotFound() {
  useTitle(words.notFoundTitle);
  return (
    <main className="grid min-h-[70dvh] place-items-center">
      <Empty
        level="h1"
        title={words.notFoundTitle}
        action={
          <Button asChild>
            <Link to="/">{words.goHome}</Link>
          </Button>
        }
      >
        {words.notFoundText}
      </Empty>
    </main>
  );
}
