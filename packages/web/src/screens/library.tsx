import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Page } from '../parts/page.tsx';
import { Segmented } from '../parts/segmented.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import { Await, Bone, Empty } from '../parts/states.tsx';
import { libraryWords as words } from '../words/library.ts';
import { LibraryTile } from './library-parts/tile.tsx';

const statuses = ['active', 'succeeded', 'failed', 'cancelled'] as const;
const kinds = ['video', 'image'] as const;

/** Everything one has made. The filter stands in the address. */
export function Library() {
  const filter = useSearch({ from: '/private/library' });
  const navigate = useNavigate({ from: '/library' });
  const list = useInfiniteQuery(queries.library(filter));
  const filtered = Boolean(filter.status ?? filter.kind);
  return (
    <Page title={words.title} wide>
      <div className="mb-5 flex flex-wrap gap-2.5">
        <Segmented
          className="max-w-full overflow-x-auto [scrollbar-width:none]"
          label={words.status.label}
          value={filter.status ?? 'all'}
          choices={(['all', ...statuses] as const).map((value) => ({ value, label: words.status[value] }))}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, status: value === 'all' ? undefined : value }),
              replace: true,
            })
          }
        />
        <Segmented
          label={words.kind.label}
          value={filter.kind ?? 'all'}
          choices={(['all', ...kinds] as const).map((value) => ({ value, label: words.kind[value] }))}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, kind: value === 'all' ? undefined : value }),
              replace: true,
            })
          }
        />
      </div>
      <Await query={list} loading={<Loading />}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) return filtered ? <NothingMatches /> : <Nothing />;
          return (
            <>
              <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 sm:gap-4 lg:grid-cols-4">
                {items.map((generation) => (
                  <LibraryTile key={generation.id} generation={generation} />
                ))}
              </ul>
              <ShowMore query={list} end={words.end} />
            </>
          );
        }}
      </Await>
    </Page>
  );
}

function Nothing() {
  return (
    <Empty
      title={words.emptyTitle}
      action={
        <Button asChild look="primary">
          <Link to="/create">{words.emptyAction}</Link>
        </Button>
      }
    >
      {words.empty}
    </Empty>
  );
}

function NothingMatches() {
  return (
    <Empty
      title={words.emptyFilterTitle}
      action={
        <Button asChild>
          <Link to="/library">{words.clear}</Link>
        </Button>
      }
    >
      {words.emptyFilter}
    </Empty>
  );
}

function Loading() {
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 sm:gap-4 lg:grid-cols-4">
      {[1, 2, 3, 4, 5, 6, 7, 8].map((tile) => (
        <Bone key={tile} className="aspect-[4/5] rounded-xl" />
      ))}
    </div>
  );
}
