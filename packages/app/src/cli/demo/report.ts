import type { Balance } from '@holdfast/client';
import type { Made } from './journey.ts';

/** What `demo -- --once --json` prints, and what the person reads otherwise. */
export interface DemoReport {
  readonly generations: readonly {
    readonly id: string;
    readonly status: string;
    readonly kind: string;
    readonly duration_seconds: number | null;
    readonly width: number | null;
    readonly height: number | null;
    readonly path: string | null;
    readonly quoted: number;
    readonly held: number;
    readonly captured: number;
    readonly released: number;
  }[];
  readonly balance: { readonly total: number; readonly held: number; readonly available: number };
  readonly verify: { readonly violations: number };
}

export function toReport(made: readonly Made[], balance: Balance, violations: number): DemoReport {
  return {
    generations: made.map(({ generation, path }) => {
      const [output] = generation.outputs;
      const { quoted, held, captured, released } = generation.receipt;
      return {
        id: generation.id,
        status: generation.status,
        kind: generation.kind,
        duration_seconds: output?.duration_seconds ?? null,
        width: output?.width ?? null,
        height: output?.height ?? null,
        path,
        quoted,
        held,
        captured,
        released,
      };
    }),
    balance: { total: balance.total, held: balance.held, available: balance.available },
    verify: { violations },
  };
}

/** A receipt as a person reads it: what was promised, held, charged and given back. */
export function receiptText({ label, generation, path }: Made): string {
  const { receipt, outputs } = generation;
  const [output] = outputs;
  const row = (name: string, value: number, note = '') =>
    `    ${name.padEnd(10)}${String(value).padStart(6)}  ${note}`.trimEnd();
  return [
    `  Video ${label}  ${generation.id}`,
    row(
      'quoted',
      receipt.quoted,
      `${receipt.quoted_units} ${receipt.unit}s at ${receipt.credits_per_unit} credits`,
    ),
    row('held', receipt.held),
    row(
      'charged',
      receipt.captured,
      output ? `${output.duration_seconds?.toFixed(2)} seconds measured in the file` : '',
    ),
    row('released', receipt.released),
    `    ${receipt.summary}`,
    output
      ? `    ${output.width} x ${output.height}, ${(output.bytes / 1e6).toFixed(1)} MB: ${path}`
      : `    ${generation.error?.message ?? generation.status}`,
  ].join('\n');
}
