import { NotFoundError, type Generation } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { useLiveGeneration, type Watching } from '../api/watch-generation.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Moment } from '../parts/moment.tsx';
import { Card, Page } from '../parts/page.tsx';
import { ReceiptRows } from '../parts/receipt.tsx';
import { Await, Bone, Empty } from '../parts/states.tsx';
import { generationWords as words, receiptWords } from '../words/generation.ts';
import { Actions } from './generation-parts/actions.tsx';
import { Failure } from './generation-parts/failure.tsx';
import { HandedOver } from './generation-parts/handed-over.tsx';
import { FileFacts, Inputs } from './generation-parts/facts.tsx';
import { Kept } from './generation-parts/kept.tsx';
import { Stage } from './generation-parts/stage.tsx';
import { StatusHead } from './generation-parts/status-head.tsx';
import { Timeline } from './generation-parts/timeline.tsx';

/** One generation, from the moment it is asked for to the file and the receipt. */
export function GenerationScreen() {
  const { id } = useParams({ from: '/private/generations/$id' });
  const { query, watching } = useLiveGeneration(id);
  return (
    <Page title={words.title[query.data?.kind ?? 'video']} hideTitle wide>
      {query.error instanceof NotFoundError ? (
        <Missing />
      ) : (
        <Await query={query} loading={<Loading />}>
          {(generation) => <Shown key={generation.id} generation={generation} watching={watching} />}
        </Await>
      )}
    </Page>
  );
}

function Shown({ generation, watching }: { generation: Generation; watching: Watching }) {
  const models = useQuery(queries.models);
  const model = models.data?.find((candidate) => candidate.id === generation.model);
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_23rem] lg:gap-8">
      <Stage generation={generation} />
      <div className="grid gap-5">
        <StatusHead generation={generation} modelName={model?.name ?? generation.model} watching={watching} />
        {generation.error && <Failure error={generation.error} id={generation.id} />}
        <Kept generation={generation} />
        <Actions generation={generation} />
        <Card className="p-4 sm:p-5">
          <h2 className="mb-2 text-sm font-semibold">{receiptWords.title}</h2>
          <ReceiptRows receipt={generation.receipt} final={generation.final} />
          <p className="mt-3 border-t border-line pt-3 text-xs text-ink-3">{generation.receipt.summary}</p>
        </Card>
        <Card className="p-4 sm:p-5">
          <h2 className="mb-3 text-sm font-semibold">{words.timeline}</h2>
          <Timeline generation={generation} />
          {!generation.final && (
            <p className="mt-3 border-t border-line pt-3 text-xs text-ink-3">
              {words.deadline} <Moment at={generation.deadline_at} />
            </p>
          )}
        </Card>
        <HandedOver generation={generation} />
        <Inputs generation={generation} />
        {generation.outputs.map((output, index) => (
          <FileFacts
            key={output.id}
            output={output}
            title={generation.outputs.length > 1 ? words.fileOf(index + 1) : words.file}
          />
        ))}
        <p className="flex items-center gap-1 font-mono text-2xs text-ink-3">
          <span className="truncate">{generation.id}</span>
          <CopyButton text={generation.id} label={receiptWords.generation} />
        </p>
      </div>
    </div>
  );
}

function Missing() {
  return (
    <Empty
      title={words.missingTitle}
      action={
        <Button asChild>
          <Link to="/library">{words.toLibrary}</Link>
        </Button>
      }
    >
      {words.missing}
    </Empty>
  );
}

function Loading() {
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_23rem] lg:gap-8">
      <Bone className="h-[26rem] rounded-2xl lg:h-[38rem]" />
      <div className="grid content-start gap-5">
        <Bone className="h-16" />
        <Bone className="h-10" />
        <Bone className="h-44 rounded-2xl" />
        <Bone className="h-52 rounded-2xl" />
      </div>
    </div>
  );
}
