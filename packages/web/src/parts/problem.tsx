import { RotateCw, WifiOff } from 'lucide-react';
import { problemSentence } from '../api/problem-sentence.ts';
import { ConnectionError } from '@holdfast/client';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';
import { commonWords as words } from '../words/common.ts';

/** An error inside a form: one notice. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (!error) return null;
  const said = problemSentence(error);
  return (
    <Notice
      tone="bad"
      title={said.title}
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            {words.tryAgain}
          </Button>
        )
      }
    >
      <p>{said.detail}</p>
      <ProblemIds code={said.code} request={said.request} />
    </Notice>
  );
}

/** An error in place of a whole screen or section. */
export function ProblemBlock({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const said = problemSentence(error);
  return (
    <div role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      {error instanceof ConnectionError && <WifiOff aria-hidden className="mb-4 size-6 text-ink-3" />}
      <h2 className="text-base font-semibold">{said.title}</h2>
      <p className="mt-1 max-w-sm text-sm text-ink-2">{said.detail}</p>
      <ProblemIds code={said.code} request={said.request} />
      <Button className="mt-5" onClick={onRetry}>
        <RotateCw aria-hidden className="size-4" />
        {words.tryAgain}
      </Button>
    </div>
  );
}

export function ProblemIds({ code, request }: { code?: string; request?: string }) {
  if (!code) return null;
  return (
    <p className="mt-1.5 font-mono text-2xs break-all text-ink-3">
      {code}
      {request && ` · ${request}`}
    </p>
  );
}
