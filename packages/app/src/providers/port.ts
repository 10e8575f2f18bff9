/**
 * The port that every provider of generations is reached through: three paid services speak it over HTTP, the local renderer by
 * a child process. A provider knows models, inputs and files; it knows nothing of people, credits or generations.
 *
 * No method is ever called inside a database transaction, and `submit` is never called twice for one attempt unless the
 * capabilities say that this is harmless.
 */
export interface Provider {
  readonly id: string;
  readonly capabilities: Capabilities;

  /**
   * Asks for one attempt to be made. Exactly one request leaves, without retries by any client. Never throws: whatever can't
   * be proven to have started nothing is `unknown`.
   */
  submit(attempt: Attempt, signal: AbortSignal): Promise<SubmitResult>;

  /** Asks how a task stands. Throws a `ProviderError` where the question itself failed; that says nothing of the task. */
  status(task: TaskRef, signal: AbortSignal): Promise<TaskStatus>;

  /** Opens one output's bytes. Throws a `ProviderError`. The caller limits size and time, and probes what it got. */
  fetchOutput(output: ProviderOutput, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;

  /** Only where `capabilities.cancel`. */
  cancel?(task: TaskRef, signal: AbortSignal): Promise<'cancelled' | 'too_late'>;

  /** Frees what a finished or abandoned attempt left behind (the renderer's folder). Idempotent. */
  discard?(attemptToken: string): Promise<void>;

  /** Only where `capabilities.webhooks`: is this callback genuine, and which task does it speak of? Words are never acted on. */
  verifyWebhook?(call: WebhookCall): Promise<WebhookVerdict>;

  /** After an `unknown` submit: was it started? `cannot_tell` where the provider offers no way to know. Throws a `ProviderError`. */
  reconcile?(
    attempt: Attempt & {
      readonly submittedAt: Date;
      /** Tasks that are known to be other attempts'. */
      readonly taken?: readonly string[];
      /** The last moment at which it may have left, where that isn't known to be its marker's. */
      readonly submittedUntil?: Date;
    },
    signal: AbortSignal,
  ): Promise<{ found: TaskRef } | 'absent' | 'cannot_tell'>;

  /**
   * A callback has named a task for an attempt: is it really this attempt's? `unknown_task` where the provider has none of that name.
   * Only where `capabilities.webhooks`. Throws a `ProviderError` where that could not be asked.
   */
  recognize?(
    attempt: Attempt & { readonly submittedAt: Date },
    taskId: string,
    signal: AbortSignal,
  ): Promise<Recognition>;

  /** The operator's account with this provider. Only where `capabilities.balance`. */
  balance?(signal: AbortSignal): Promise<{ units: number; usd: number | null }>;

  /**
   * What it takes for these of its models by its own list, where it has one that can be asked: none, one or several lines for each, and nothing is ever
   * changed by them. Throws a `ProviderError`.
   */
  listedPrices?(models: readonly string[], signal: AbortSignal): Promise<readonly ListedPrice[]>;

  /** Which class an error of this provider's own belongs to: from its codes first, patterns in the text last. */
  classify(error: RawProviderError): ErrorClass;
}

/** One line of a provider's price list. */
export interface ListedPrice {
  readonly model: string;
  /** What exactly is priced, in its own words. */
  readonly label: string;
  readonly usd: number;
  /** In its own words: `per second`, `images`. */
  readonly unit: string;
}

export interface Capabilities {
  /** Submitting the same attempt twice starts it once (or harms nobody): a lost answer may simply be asked again. */
  readonly idempotentSubmit: boolean;
  readonly cancel: boolean;
  readonly webhooks: boolean;
  readonly balance: boolean;
  /** Recent tasks can be listed, so that absence can be proven. */
  readonly list: boolean;
  /** What it costs the operator to ask: 0 for the local renderer. Decides whether sign-up credits wait for a verified address. */
  readonly paid: boolean;
  /** Attempts that may run at once on each machine; null where the provider itself keeps the queue. */
  readonly concurrencyPerMachine: number | null;
  /**
   * How many seconds after a submit whose outcome is unknown something may still be learned of it: as long as its model takes at most, within these. Unset: to the
   * generation's deadline.
   */
  readonly unknownSeconds?: { readonly least: number; readonly most: number };
}

/** One try at making something. The token is 128 random bits, known to nobody else: callbacks are addressed by it. */
export interface Attempt {
  readonly token: string;
  readonly model: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Files the input names, by input name: already re-encoded, readable by a local path. */
  readonly files: Readonly<Record<string, { readonly path: string; readonly contentType: string }>>;
  readonly callbackUrl: string | null;
}

/** `cannot_tell`: the provider has it, and says nothing that would tell whose it is. */
export type Recognition = 'own' | 'of_another' | 'unknown_task' | 'cannot_tell';

/** The provider's own name for a running attempt, and whatever addresses it gave for asking about it. */
export interface TaskRef {
  readonly taskId: string;
  readonly attemptToken: string;
  readonly model: string;
  readonly urls?: Readonly<Record<string, string>>;
}

export type SubmitResult =
  | {
      readonly kind: 'accepted';
      readonly taskId: string;
      readonly urls?: Readonly<Record<string, string>>;
      readonly raw?: unknown;
    }
  /** Definite: nothing was started. */
  | { readonly kind: 'rejected'; readonly error: RawProviderError }
  /** It may have started: never submitted again, but asked about until its deadline. */
  | { readonly kind: 'unknown'; readonly error: RawProviderError };

export type TaskStatus =
  | { readonly state: 'queued' | 'running'; readonly progress: number | null }
  | {
      readonly state: 'succeeded';
      readonly outputs: readonly ProviderOutput[];
      readonly actualCostUsd: number | null;
      /** Set where there are no outputs since its maker hands the result over itself: how long that is, by its own word. */
      readonly declaredSeconds?: number;
    }
  | { readonly state: 'failed'; readonly error: RawProviderError; readonly actualCostUsd: number | null }
  | { readonly state: 'cancelled' }
  /** The provider knows no such task (any more). */
  | { readonly state: 'gone' };

export interface ProviderOutput {
  readonly kind: 'video' | 'image';
  /** `https:` of the provider's, or `file:` of the local renderer's. */
  readonly url: string;
  /** A still of a video, where the provider makes one. */
  readonly posterUrl: string | null;
}

/** What a provider said, kept whole for the operator; never shown to people. */
export interface RawProviderError {
  readonly code: string;
  readonly message: string;
  readonly httpStatus?: number;
  /** How long the provider wants to be left alone, where it says so. */
  readonly retryAfterSeconds?: number;
  readonly raw?: unknown;
}

/**
 * Whose doing an error is, which decides what follows: `USER_*` ends the generation with a plain reason; `TRANSIENT` repeats
 * what was definitely not accepted; `SYSTEM` makes a new attempt, a few times; `OPERATOR_*` waits for the operator, and is never told as the
 * person's fault.
 */
export type ErrorClass =
  | 'USER_INPUT'
  | 'USER_POLICY'
  | 'TRANSIENT'
  | 'SYSTEM'
  | 'OPERATOR_BALANCE'
  | 'OPERATOR_AUTH'
  | 'OPERATOR_CONFIG'
  | 'CANCELLED'
  | 'UNKNOWN';

export interface WebhookCall {
  readonly attemptToken: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  readonly now: Date;
}

export type WebhookVerdict =
  | {
      readonly ok: true;
      readonly taskId: string | null;
      readonly eventId: string | null;
      readonly trust: 'full' | 'hint';
    }
  | { readonly ok: false; readonly reason: string };

/** A question to a provider failed: the network, its server, its limits. The task itself is unaffected. */
export class ProviderError extends Error {
  readonly provider: string;
  readonly error: RawProviderError;

  constructor(provider: string, error: RawProviderError, options?: ErrorOptions) {
    super(`${provider}: ${error.message}`, options);
    this.name = 'ProviderError';
    this.provider = provider;
    this.error = error;
  }
}
