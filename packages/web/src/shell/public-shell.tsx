import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Mark } from '../parts/mark.tsx';
import { commonWords as words } from '../words/common.ts';
import { SkipLink } from './skip-link.tsx';

/** Around the pages that need no account. */
export function PublicShell() {
  const me = useQuery({ ...queries.me, retry: false });
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink />
      <header className="mx-auto flex h-16 w-full max-w-6xl items-center gap-2 px-4 sm:px-6">
        <Link
          to="/"
          className="-ml-1 flex items-center gap-2 rounded-md px-1 text-base font-semibold tracking-[-0.02em]"
        >
          <Mark className="size-6" />
          {words.product}
        </Link>
        <nav aria-label={words.nav.main} className="ml-auto flex items-center gap-1 sm:gap-2">
          <Button asChild look="quiet">
            <Link to="/pricing">{words.nav.pricing}</Link>
          </Button>
          <Button asChild look="quiet" className="max-sm:hidden">
            <Link to="/status">{words.nav.status}</Link>
          </Button>
          {me.data ? (
            <Button asChild look="primary">
              <Link to="/create">{words.nav.create}</Link>
            </Button>
          ) : (
            <>
              <Button asChild look="quiet">
                <Link to="/sign-in">{words.nav.signIn}</Link>
              </Button>
              <Button asChild look="primary" className="max-sm:hidden">
                <Link to="/sign-up">{words.nav.signUp}</Link>
              </Button>
            </>
          )}
        </nav>
      </header>
      <main id="content" tabIndex={-1} className="flex-1 outline-none">
        <Outlet />
      </main>
    </div>
  );
}
