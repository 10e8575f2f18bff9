import type { Generation, Model } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Page } from '../parts/page.tsx';
import { Await, Bone, Empty } from '../parts/states.tsx';
import { createWords as words } from '../words/create.ts';
import { CreateForm } from './create-parts/create-form.tsx';
import { makesOf } from './create-parts/form.ts';

/** What to make, with what, and what it costs at most. */
export function Create() {
  const { from } = useSearch({ from: '/private/create' });
  const models = useQuery(queries.models);
  const earlier = useQuery({ ...queries.generation(from ?? ''), enabled: Boolean(from) });
  return (
    <Page title={words.title} wide>
      <Await query={models} loading={<Loading />}>
        {(items) =>
          from && earlier.isPending ? <Loading /> : <Ready models={items} earlier={earlier.data} />
        }
      </Await>
    </Page>
  );
}

function Ready({ models, earlier }: { models: Model[]; earlier: Generation | undefined }) {
  const makes = makesOf(models);
  if (makes.length === 0) return <Empty title={words.emptyTitle}>{words.empty}</Empty>;
  return <CreateForm key={earlier?.id} makes={makes} earlier={earlier} />;
}

function Loading() {
  return (
    <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_21rem]">
      <div className="grid gap-6">
        <div className="grid grid-cols-2 gap-2.5 sm:grid-cols-5">
          {[1, 2, 3, 4, 5].map((card) => (
            <Bone key={card} className="h-32 rounded-xl" />
          ))}
        </div>
        <Bone className="h-36 rounded-xl" />
        <Bone className="h-20 rounded-xl" />
      </div>
      <Bone className="hidden h-96 rounded-2xl lg:block" />
    </div>
  );
}
