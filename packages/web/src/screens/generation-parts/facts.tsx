import type { Generation, Output } from '@holdfast/client';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatBytes, formatSeconds } from '../../lib/format.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { generationWords as words } from '../../words/generation.ts';

/** What was asked for, folded away once there is something better to look at. */
export function Inputs({ generation }: { generation: Generation }) {
  const given = Object.entries(generation.input).filter(([, value]) => value !== undefined);
  return (
    <Fold title={words.inputs} open={!generation.final}>
      {given.map(([name, value]) => (
        <Fact key={name} name={words.inputNames[name] ?? name}>
          {inputInWords(name, value)}
        </Fact>
      ))}
    </Fold>
  );
}

function inputInWords(name: string, value: unknown): string {
  if (name === 'image') return words.photoGiven;
  if (name === 'duration_seconds' && typeof value === 'number') return formatSeconds(value);
  return Array.isArray(value) ? value.join(' · ') : String(value);
}

export function FileFacts({ output, title }: { output: Output; title: string }) {
  return (
    <Fold title={title} open={false}>
      <Fact name={words.fileFacts.size}>
        {output.width} × {output.height}
      </Fact>
      {output.duration_seconds !== null && (
        <Fact name={words.fileFacts.length}>{formatSeconds(output.duration_seconds)}</Fact>
      )}
      <Fact name={words.fileFacts.bytes}>
        {formatBytes(output.bytes)} · {output.content_type}
      </Fact>
      <Fact name={words.fileFacts.sha}>
        <span className="flex items-center gap-1 font-mono text-2xs">
          <span className="truncate">{output.sha256}</span>
          <CopyButton text={output.sha256} label={words.fileFacts.sha} />
        </span>
      </Fact>
    </Fold>
  );
}

function Fold({ title, open, children }: { title: string; open: boolean; children: ReactNode }) {
  return (
    <details open={open} className="group rounded-2xl border border-line bg-surface shadow-card">
      <summary className="flex items-center justify-between rounded-2xl px-4 py-3 text-sm font-semibold select-none sm:px-5">
        {title}
        <ChevronRight aria-hidden className="size-4 text-ink-3 transition-transform group-open:rotate-90" />
      </summary>
      <dl className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-4 gap-y-2 px-4 pb-4 text-sm sm:px-5">
        {children}
      </dl>
    </details>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 wrap-anywhere text-ink-2">{children}</dd>
    </>
  );
}
