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
  /** Handing a file over fails: with a fault of the server, or by a cut connection. */
  upload: 'broken' | 'drop' | null;
  /** Whether the vendor's own limit of submits holds. */
  limited: boolean;
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
  slowMs: 0,
  balanceUsd: 100,
  lowCreditUsd: 0,
  queuedMs: 500,
  runMs: 3_000,
  resultTtlMs: 3_600_000,
  lateMs: 5_000,
  refuseWord: 'forbidden',
};
