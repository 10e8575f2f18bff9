import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTitle } from '../lib/use-title.ts';
import { Mark } from '../parts/mark.tsx';
import { commonWords } from '../words/common.ts';
import { welcomeWords } from '../words/welcome.ts';
import { ExampleReceipt } from '../parts/example-receipt.tsx';

/** Sign-up and everything like it: the form at the left, what one gets at the right. */
export function WelcomeFrame({
  title,
  lead,
  children,
  below,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  below?: ReactNode;
}) {
  useTitle(title);
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(26rem,1fr)_minmax(0,1.1fr)]">
      <div className="flex flex-col px-5 py-5 sm:px-10">
        <Link
          to="/"
          className="-ml-1 flex w-fit items-center gap-2 rounded-md px-1 text-base font-semibold tracking-[-0.02em]"
        >
          <Mark className="size-6" />
          {commonWords.product}
        </Link>
        <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-10">
          <h1 className="text-2xl font-semibold tracking-[-0.02em]">{title}</h1>
          {lead && <p className="mt-1.5 text-sm text-ink-2">{lead}</p>}
          <div className="mt-7">{children}</div>
          {below && <div className="mt-6 text-sm text-ink-2">{below}</div>}
        </main>
      </div>
      <aside className="hidden place-items-center border-l border-line bg-stage/60 p-10 lg:grid">
        <div className="w-full max-w-sm">
          <ExampleReceipt />
          <p className="mt-8 text-xl font-semibold tracking-[-0.018em] text-balance">
            {welcomeWords.aside.line}
          </p>
          <p className="mt-2 text-sm text-ink-2">{welcomeWords.aside.sub}</p>
        </div>
      </aside>
    </div>
  );
}
