import { z } from 'zod';

/** What the next submits meet. */
export type SubmitFault =
  | 'accept'
  /** Starts it, then cuts the connection. */
  | 'accept_then_drop'
  | 'drop_before_accept'
  | '5xx_after_accept'
  /** Starts it, and never answers. */
  | 'hang'
  /** Starts it, and answers something that is no JSON. */
  | 'garbage_after_accept'
  | 'throttle'
  /** Starts nothing, and answers this. */
  | { readonly status: number; readonly body: unknown };

/** How the next tasks end: well, in the vendor's usual words for it, never, or in these words. */
export type Outcome =
  | 'succeed'
  | 'policy'
  | 'photo'
  | 'system'
  | 'stuck'
  | { readonly code: string; readonly message: string; readonly status?: number };

export type CallbackFault = 'none' | 'dup' | 'late' | 'out_of_order' | 'forged' | 'wrong_task';
export type AssetFault = '404' | 'truncated' | 'html' | 'huge' | 'slow';

export interface Knobs {
  /** One for each of the next submits; what follows is accepted. */
  submit: SubmitFault[];
  /** One for each of the next accepted tasks; what follows succeeds. */
  fail: Outcome[];
  /** Until it is changed, for the callbacks and files of all. Null: as it should be. */
  callback: CallbackFault | null;
  asset: AssetFault | null;
  /** Handing a file over fails: with a fault of the server, or by a cut connection; or it is taken, and gone by the time it is wanted. */
  upload: 'broken' | 'drop' | 'gone' | null;
  /** Whether the vendor's own limit of submits holds. */
  limited: boolean;
  /** Its clock is so far ahead of the true one. */
  aheadMs: number;
  /** Every answer waits so long. */
  slowMs: number;
  /** What is left on the account, in dollars. */
  balanceUsd: number;
  /** Below so many dollars the vendor takes six submits a minute, one at a time (Replicate). 0: it does not look. */
  lowCreditUsd: number;
  /** How long a task waits and runs. */
  queuedMs: number;
  runMs: number;
  /** How long a result is kept after its end. */
  resultTtlMs: number;
  /** How long a `late` callback is late. */
  lateMs: number;
  /** Inputs with this word are refused when they have run, whatever is planned. */
  refuseWord: string;
}

export const usual: Knobs = {
  submit: [],
  fail: [],
  callback: null,
  asset: null,
  upload: null,
  limited: true,
  aheadMs: 0,
  slowMs: 0,
  balanceUsd: 100,
  lowCreditUsd: 0,
  queuedMs: 500,
  runMs: 3_000,
  resultTtlMs: 3_600_000,
  lateMs: 5_000,
  refuseWord: 'forbidden',
};

const refusal = z.strictObject({ status: z.int().min(100).max(599), body: z.unknown() });
const submitFaults = [
  'accept',
  'accept_then_drop',
  'drop_before_accept',
  '5xx_after_accept',
  'hang',
  'garbage_after_accept',
  'throttle',
] as const satisfies readonly SubmitFault[];
const outcomes = ['succeed', 'policy', 'photo', 'system', 'stuck'] as const satisfies readonly Outcome[];
const submitFault = z.union([z.enum(submitFaults), refusal], {
  error: `${submitFaults.join(', ')}, or {"status": 422, "body": {}}`,
});
const outcome = z.union(
  [z.enum(outcomes), z.strictObject({ code: z.string(), message: z.string(), status: z.int().optional() })],
  { error: `${outcomes.join(', ')}, or {"code": "500", "message": "..."}` },
);
const ms = z.number().min(0).max(86_400_000);

/** Each knob by its name, with what it may be set to. */
const shapes = {
  submit: z.array(submitFault).max(10_000),
  fail: z.array(outcome).max(10_000),
  callback: z.enum(['none', 'dup', 'late', 'out_of_order', 'forged', 'wrong_task']).nullable(),
  asset: z.enum(['404', 'truncated', 'html', 'huge', 'slow']).nullable(),
  upload: z.enum(['broken', 'drop', 'gone']).nullable(),
  limited: z.boolean(),
  aheadMs: ms.max(31 * 86_400_000),
  slowMs: ms,
  balanceUsd: z.number().min(0).max(1_000_000),
  lowCreditUsd: z.number().min(0).max(1_000_000),
  queuedMs: ms,
  runMs: ms,
  resultTtlMs: ms.max(31 * 86_400_000),
  lateMs: ms,
  refuseWord: z.string().min(1).max(100),
} satisfies Record<keyof Knobs, z.ZodType>;

const changes = z.strictObject(shapes).partial();

/** Some knobs as strangers send them. @throws Error whose message names the knob and what it may be */
export function readKnobs(sent: unknown): Partial<Knobs> {
  const read = changes.safeParse(sent);
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(describe).join('; '));
}

/** `callback=dup`, `runMs=50`, `submit=hang,accept`, or a value in JSON. @throws Error in words for whoever typed it */
export function readKnob(text: string): Partial<Knobs> {
  const [, name = '', value = ''] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? [];
  if (!Object.hasOwn(shapes, name)) throw new Error(`there is no knob "${name || text}": ${listed()}`);
  const list = name === 'submit' || name === 'fail';
  return readKnobs({ [name]: list ? listOf(value) : fromText(value, name) });
}

/** Words of a list with commas between them, or a list in JSON. */
function listOf(text: string): unknown {
  return text.trimStart().startsWith('[') ? fromText(text, 'submit') : text.split(',').filter(Boolean);
}

/** Words stand for themselves; numbers, true, false and null are what they say, but for a word and a kind of file, which are text. */
function fromText(text: string, name: string): unknown {
  if (name === 'refuseWord' || (name === 'asset' && text === '404')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function describe({ path, message, code, ...issue }: z.core.$ZodIssue): string {
  if (code === 'unrecognized_keys' && 'keys' in issue)
    return `there is no knob "${String(issue.keys)}": ${listed()}`;
  return path.length === 0 ? 'give knobs as a JSON object' : `${path.join('.')}: ${message}`;
}

function listed(): string {
  return `there are ${Object.keys(shapes).join(', ')}`;
}

export function readSubmitFault(text: string): SubmitFault {
  return readKnobs({ submit: [text] }).submit?.[0] ?? 'accept';
}

export function readOutcome(text: string): Outcome {
  return readKnobs({ fail: [text] }).fail?.[0] ?? 'succeed';
}
