import type { ErrorClass } from '../port.ts';

/** Words by which an error's class is known where its code doesn't say. The first that fits counts. */
export type Patterns = readonly (readonly [RegExp, ErrorClass])[];

export function byText(message: string, patterns: Patterns): ErrorClass | null {
  return patterns.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

/** Codes that are ours, not a vendor's: how a request or a download went. The same for all. */
export const transport_classes: Readonly<Record<string, ErrorClass>> = {
  not_sent: 'TRANSIENT',
  unreachable: 'TRANSIENT',
  no_answer: 'UNKNOWN',
  upload_failed: 'SYSTEM',
  output_gone: 'SYSTEM',
  output_unavailable: 'SYSTEM',
  output_refused: 'SYSTEM',
};
