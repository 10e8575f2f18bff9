import type { Queryable } from './types/connecting.ts';
import type { Followed, Head, SweepResult, VerifyProgress, VerifyResult } from './types/keeping.ts';
import type { Balance, Explanation, ForecastStep, Hold, Lot, Statement } from './types/reading.ts';
import type {
  CaptureReceipt,
  ChargeReceipt,
  ClawbackReceipt,
  GrantReceipt,
  HoldReceipt,
  LotReceipt,
  MergeReceipt,
  OpenAccountReceipt,
  PlaceHoldReceipt,
  Receipt,
  RefundReceipt,
  RepayReceipt,
} from './types/receipts.ts';
import type {
  Capture,
  ChangeExpiry,
  Charge,
  Clawback,
  ExtendHold,
  Freeze,
  Grant,
  Merge,
  OpenAccount,
  PlaceHold,
  Refund,
  Release,
  Repay,
  VoidLot,
  Write,
} from './types/requests.ts';
import type { HoldState, OperationKind } from './types/words.ts';

/**
 * The ledger. Every write takes `{ account, key, ... }`, is atomic by itself, and may be repeated with the same key.
 *
 * Refusals by the rules throw a `RefusedError` after their statement, so a caller's transaction lives on. Misuse
 * (`MisuseError`) and faults (`RetryableError`) are raised by the database and abort the caller's transaction.
 */
export type Ledger = {
  /** The same ledger inside the caller's transaction: rows, holds and jobs commit together or not at all. */
  on(tx: Queryable): Ledger;

  /**
   * Opens an account, or finds it open.
   * @throws MisuseError `account_exists` where it was opened with another unit
   */
  openAccount(request: OpenAccount): Promise<OpenAccountReceipt>;

  /** Closes an account for ever; what is left in it is voided. @throws HoldsOpenError */
  closeAccount(request: Write): Promise<Receipt>;

  /** Adds a lot of credit, and a bonus lot where asked for. @throws PaymentTakenError */
  grant(request: Grant): Promise<GrantReceipt>;

  /**
   * Pins credit, all or nothing, in the published order of spending: priority, then earliest expiry, then promotional
   * before paid, then earliest start, then id.
   * @throws InsufficientCreditsError
   */
  placeHold(request: PlaceHold): Promise<PlaceHoldReceipt>;

  /** Makes a lease longer, before it ends. @throws HoldNotOpenError */
  extendHold(request: ExtendHold): Promise<HoldReceipt>;

  /**
   * Turns held credit into spent credit. With `final: false` the rest stays held.
   * @throws HoldNotOpenError, OverCaptureError, and InsufficientCreditsError for a late capture
   */
  capture(request: Capture): Promise<CaptureReceipt>;

  /** Frees what a hold still pins. @throws HoldNotOpenError */
  release(request: Release): Promise<HoldReceipt>;

  /**
   * Returns captured credit to the lots it came from, the last consumed first.
   * @throws OverRefundError, and HoldNotOpenError where nothing has been captured
   */
  refund(request: Refund): Promise<RefundReceipt>;

  /** Takes credit without a hold; with `debtLimit` it may end in debt. @throws InsufficientCreditsError, DebtLimitError */
  charge(request: Charge): Promise<ChargeReceipt>;

  /** Pays open debt out of free credit, oldest debt first. */
  repay(request: Repay): Promise<RepayReceipt>;

  /** Removes what is unused in a lot; what is held in it is removed when it is released. */
  voidLot(request: VoidLot): Promise<LotReceipt>;

  /** Moves a lot's expiry. Open holds keep their slices. */
  changeExpiry(request: ChangeExpiry): Promise<LotReceipt>;

  /**
   * Takes back what a payment bought, in proportion to what was refunded or withdrawn of it, and gives it back when a
   * dispute is won. Events may come in any order and any number of times.
   */
  clawback(request: Clawback): Promise<ClawbackReceipt>;

  /** Moves all lots, payments and debts of one account into another and closes the first. @throws HoldsOpenError */
  merge(request: Merge): Promise<MergeReceipt>;

  /** Stops every write to the account; leases stop running; reads go on. */
  freeze(request: Freeze): Promise<Receipt>;

  /** Ends a freeze; the leases of open holds are longer by the time it lasted. */
  thaw(request: Write): Promise<Receipt>;

  /**
   * The balance now, or as of `at`. As of any instant up to the account's last operation it is stable for ever; an
   * instant in the future is a forecast.
   */
  balance(request: { account: string; at?: Date; expiringWithinDays?: number }): Promise<Balance>;

  /** Live and upcoming lots in the order of spending; with `all` every lot that ever was, newest last. At most 1,000. */
  lots(request: { account: string; all?: boolean }): Promise<Lot[]>;

  /** Holds, newest first; at most `limit` (default 100, up to 1,000). */
  holds(request: { account: string; state?: HoldState; limit?: number }): Promise<Hold[]>;

  /** @throws MisuseError `hold_not_found` */
  hold(request: { account: string; hold: string }): Promise<Hold>;

  /** The account that holds what a payment bought, also after a merge; null where no grant names it. */
  paymentAccount(request: { payment: string }): Promise<string | null>;

  /** Operations, newest first, `limit` (default 50, up to 500) a page; as fast at ten million operations as at ten. */
  statement(request: {
    account: string;
    cursor?: string | null;
    limit?: number;
    kinds?: OperationKind[];
  }): Promise<Statement>;

  /** What made this balance, in words that add up. */
  explain(request: { account: string; at?: Date }): Promise<Explanation>;

  /** What starts, expires and lapses until then, and the balance after each, if nothing else happens. */
  forecast(request: { account: string; until: Date }): Promise<ForecastStep[]>;

  /**
   * Books what is due on idle accounts, a bounded number per call. Correctness never depends on it.
   * @param request.maxAccounts default 100
   */
  expireDue(request?: { maxAccounts?: number }): Promise<SweepResult>;

  /** Forgets refusals older than this; their keys can be used anew. Returns how many. */
  pruneRefusals(request: { before: Date; limit?: number }): Promise<number>;

  /**
   * Checks the invariants I1 to I9, the chains and, where given, anchored heads, over everything or one account.
   * @param request.freeze freeze each account in which something is found
   */
  verify(request?: {
    account?: string;
    heads?: Head[];
    freeze?: boolean;
    onProgress?: (progress: VerifyProgress) => void;
  }): Promise<VerifyResult>;

  /** The heads of all chains, to be anchored elsewhere; streams in chunks. */
  heads(request?: { account?: string }): AsyncIterable<Head>;

  /**
   * Committed operations of all accounts, each once and none missed, for followers. Start without `after`. An operation
   * appears once every transaction of the cluster that began to write before its own has ended.
   */
  operations(request?: { after?: string | null; limit?: number }): Promise<Followed>;

  /** Removes every free text of an account (keys, references, metadata) and keeps the books. Done as the owner role. */
  scrub(request: { account: string }): Promise<void>;
};
