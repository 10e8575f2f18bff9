import { Link } from '@tanstack/react-router';
import { exampleOf } from '../../lib/examples.ts';
import { landingWords as words } from '../../words/public.ts';

/** Real frames of real results, nothing staged. */
export function Examples() {
  return (
    <section aria-label={words.makesTitle} className="mx-auto max-w-6xl px-4 pb-16 sm:px-6 lg:pb-24">
      <h2 className="mb-4 text-base font-semibold tracking-[-0.01em]">{words.makesTitle}</h2>
      <ul className="-mx-4 flex snap-x gap-3 overflow-x-auto px-4 pb-1 [scrollbar-width:none] sm:mx-0 sm:grid sm:grid-cols-4 sm:gap-4 sm:px-0 lg:grid-cols-8">
        {words.makes.map(({ picture, make, name }) => (
          <li key={picture} className="w-32 shrink-0 snap-start scroll-mx-4 sm:w-auto">
            <Link to="/create" search={{ make }} className="group block rounded-xl outline-offset-4">
              <img
                src={exampleOf(picture)}
                alt=""
                width="480"
                height="854"
                className="aspect-[9/16] w-full rounded-xl border border-line bg-stage object-cover"
              />
              <p className="mt-2 text-xs text-ink-3 group-hover:text-ink">{name}</p>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
