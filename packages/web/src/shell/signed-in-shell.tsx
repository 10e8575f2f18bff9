import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { Clapperboard, Images, UserRound, WalletMinimal, type LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import { queries } from '../api/queries.ts';
import { Mark } from '../parts/mark.tsx';
import { fetchScreensAhead } from '../screens.ts';
import { commonWords as words } from '../words/common.ts';
import { BalanceChips } from './balance-chips.tsx';
import { SkipLink } from './skip-link.tsx';

type Place = { to: '/create' | '/library' | '/wallet' | '/account'; label: string; Icon: LucideIcon };
const places: Place[] = [
  { to: '/create', label: words.nav.create, Icon: Clapperboard },
  { to: '/library', label: words.nav.library, Icon: Images },
  { to: '/wallet', label: words.nav.wallet, Icon: WalletMinimal },
  { to: '/account', label: words.nav.account, Icon: UserRound },
];

/** For whoever is one. On a phone it stands in the account. */
function OperatorLink() {
  const me = useQuery(queries.me);
  if (me.data?.role !== 'operator') return null;
  return (
    <Link
      to="/operator"
      className="rounded-lg px-3 py-1.5 text-sm font-medium text-ink-2 transition-colors hover:bg-sunken hover:text-ink data-[status=active]:bg-sunken data-[status=active]:text-ink"
    >
      {words.nav.operator}
    </Link>
  );
}

/** Around everything behind sign-in: a bar at the top, and on a phone the places at the thumb. */
export function SignedInShell() {
  useEffect(() => {
    const timer = setTimeout(fetchScreensAhead, 800);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink />
      <header className="sticky top-0 z-30 border-b border-line bg-paper/90 backdrop-blur-md">
        <div className="mx-auto flex h-14 w-full max-w-6xl items-center gap-2 px-4 sm:px-6">
          <Link
            to="/create"
            className="-ml-1 flex items-center gap-2 rounded-md px-1 text-base font-semibold tracking-[-0.02em]"
          >
            <Mark className="size-6" />
            <span className="max-[400px]:sr-only">{words.product}</span>
          </Link>
          <nav aria-label={words.nav.main} className="ml-5 hidden items-center gap-0.5 md:flex">
            {places.map(({ to, label }) => (
              <Link
                key={to}
                to={to}
                className="rounded-lg px-3 py-1.5 text-sm font-medium text-ink-2 transition-colors hover:bg-sunken hover:text-ink data-[status=active]:bg-sunken data-[status=active]:text-ink"
              >
                {label}
              </Link>
            ))}
            <OperatorLink />
          </nav>
          <BalanceChips />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="flex-1 pb-16 outline-none md:pb-0">
        <Outlet />
      </main>
      <nav
        data-bar
        aria-label={words.nav.main}
        className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t border-line bg-paper/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md md:hidden"
      >
        {places.map(({ to, label, Icon }) => (
          <Link
            key={to}
            to={to}
            className="flex h-14 flex-col items-center justify-center gap-0.5 text-2xs font-medium text-ink-3 -outline-offset-2 data-[status=active]:text-accent"
          >
            <Icon aria-hidden className="size-5" strokeWidth={1.8} />
            {label}
          </Link>
        ))}
      </nav>
    </div>
  );
}
