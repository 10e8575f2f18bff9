import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { exampleOf } from '../lib/examples.ts';
import { useTitle } from '../lib/use-title.ts';
import { Button } from '../parts/button.tsx';
import { ExampleReceipt } from '../parts/example-receipt.tsx';
import { landingWords as words } from '../words/public.ts';
import { Examples } from './landing-parts/examples.tsx';

/** For whoever is not signed in: what this is, shown rather than claimed. */
export function Landing() {
  useTitle(words.title);
  const settings = useQuery(queries.settings);
  const me = useQuery({ ...queries.me, retry: false });
  return (
    <>
      <section className="mx-auto grid max-w-6xl items-center gap-10 px-4 pt-10 pb-14 sm:px-6 sm:pt-16 lg:grid-cols-[1.15fr_1fr] lg:gap-16 lg:pb-20">
        <div>
          <h1 className="max-w-xl text-4xl leading-[1.06] font-semibold tracking-[-0.032em] sm:text-6xl">
            {words.headline}
          </h1>
          <p className="mt-5 max-w-lg text-base text-ink-2 sm:text-lg sm:leading-7">{words.lead}</p>
          <div className="mt-7 flex flex-wrap gap-3">
            <Button asChild look="primary" size="large">
              {me.data ? (
                <Link to="/create">{words.startSignedIn}</Link>
              ) : (
                <Link to="/sign-up">{words.start}</Link>
              )}
            </Button>
            <Button asChild size="large">
              <Link to="/pricing">{words.seePricing}</Link>
            </Button>
          </div>
          {settings.data && settings.data.sign_up_credits > 0 && (
            <p className="mt-4 text-sm text-ink-3">
              {words.free(settings.data.sign_up_credits, settings.data.credit_expiry_months)}
            </p>
          )}
        </div>
        <figure className="mx-auto w-full max-w-md">
          <img
            src={exampleOf('style-paper')}
            alt=""
            width="480"
            height="854"
            className="ml-auto aspect-[9/13] w-56 rounded-2xl border border-line object-cover shadow-card sm:w-72"
          />
          <div className="relative -mt-32 mr-10 sm:-mt-40 sm:mr-24">
            <ExampleReceipt />
          </div>
          <figcaption className="mt-3 text-center text-sm text-ink-3">{words.exampleCaption}</figcaption>
        </figure>
      </section>
      <Examples />
      <section className="border-t border-line bg-stage/60">
        <dl className="mx-auto grid max-w-6xl gap-x-12 gap-y-9 px-4 py-14 sm:grid-cols-2 sm:px-6 lg:py-20">
          {words.promises.map((promise) => (
            <div key={promise.title} className="max-w-md">
              <dt className="text-base font-semibold tracking-[-0.01em]">{promise.title}</dt>
              <dd className="mt-1.5 text-sm text-ink-2">{promise.text}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
