/** All that is known of a storm once it is over: from the database, from the vendors' own books, from what people saw. */
export interface Facts {
  readonly generations: readonly GenerationFact[];
  readonly attempts: readonly AttemptFact[];
  readonly assets: readonly AssetFact[];
  readonly orphans: readonly OrphanFact[];
  /** Each request for something paid that a vendor saw, in the order of time. */
  readonly posts: readonly PostFact[];
  readonly wishes: readonly WishFact[];
  /** What the product remembers of requests. */
  readonly remembered: readonly RememberedFact[];
  /** The ledger's journal, by account and then by number. */
  readonly operations: readonly OperationFact[];
  readonly ledger: { readonly violations: number; readonly differences: readonly string[] };
  readonly chats: ChatFacts;
  /** Null where no vendor was left dry. */
  readonly dryness: DrynessFact | null;
  /** Processes that ended without having been killed. */
  readonly crashes: readonly string[];
  /** How many of one person may run at once. */
  readonly runningPerPerson: number;
}

export interface GenerationFact {
  readonly id: string;
  readonly personId: string;
  readonly providerId: string;
  readonly modelId: string;
  readonly state: string;
  readonly policy: 'reserve' | 'prepaid' | 'postpaid';
  readonly quoted: bigint;
  readonly held: bigint;
  readonly captured: bigint | null;
  readonly released: bigint | null;
  /** Given back of what was charged. */
  readonly refunded: bigint;
  /** Given back because a chat refused the file. */
  readonly givenBack: bigint;
  readonly errorCode: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly timeline: readonly { readonly status: string; readonly at: Date }[];
}

export interface AttemptFact {
  readonly id: string;
  readonly generationId: string;
  readonly number: number;
  readonly providerId: string;
  readonly token: string;
  readonly state: string;
  readonly taskId: string | null;
  readonly submitStartedAt: Date;
  readonly endedAt: Date | null;
  readonly errorCode: string | null;
  readonly errorClass: string | null;
  /** Submitted again by an operator's decision, though nothing was proven. */
  readonly resubmitted: boolean;
}

export interface AssetFact {
  readonly generationId: string;
  readonly personId: string;
  readonly output: number;
  /** The stored file was looked at, and plays. */
  readonly plays: boolean;
}

export interface OrphanFact {
  readonly attemptId: string;
  readonly generationId: string;
  readonly reason: string;
}

export interface PostFact {
  readonly providerId: string;
  readonly at: Date;
  /** The attempt's, from the callback's address. */
  readonly token: string | null;
  readonly accepted: boolean;
  readonly taskId: string | null;
  /** Billed, less what was given back. */
  readonly netUsd: number;
  /** What really became of it, as only the vendor knows. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'unfinished' | null;
  readonly endedAt: Date | null;
}

/** What one person wanted once, under one key; however often it was sent. */
export interface WishFact {
  readonly personId: string;
  readonly key: string;
  readonly answers: readonly {
    readonly status: number;
    readonly code: string | null;
    readonly generationId: string | null;
  }[];
}

/** What happened in chats: from the database, from Telegram's own book, from what people pressed. */
export interface ChatFacts {
  readonly people: readonly { readonly chat: number; readonly personId: string }[];
  readonly presses: readonly PressFact[];
  readonly sends: readonly SendFact[];
  readonly deliveries: readonly ChatDeliveryFact[];
  /** Of what people wrote and pressed: what waits still, and what failed too often. */
  readonly unanswered: number;
  readonly givenUp: number;
  /** What was asked for in a chat that took no file at all; null where it did not come to be. */
  readonly closed: readonly (string | null)[];
}

/** A button, once. */
export interface PressFact {
  readonly chat: number;
  readonly data: string;
}

/** A file that Telegram put into somebody's chat. */
export interface SendFact {
  readonly chat: number;
  readonly generationId: string | null;
  readonly at: Date;
}

export interface ChatDeliveryFact {
  readonly generationId: string;
  readonly personId: string;
  readonly chat: number;
  readonly event: string;
  readonly state: string;
  readonly refusals: number;
  /** Whether a file was put into the chat by it; `maybe` where nobody can say. */
  readonly file: 'yes' | 'maybe' | 'no';
}

/** What was asked for of a vendor whose account was dry for an hour. */
export interface DrynessFact {
  readonly asked: number;
  readonly generationIds: readonly string[];
  /** Those that had ended, or were charged, when it was filled again. */
  readonly ended: readonly { readonly id: string; readonly state: string }[];
}

export interface RememberedFact {
  readonly personId: string;
  readonly key: string;
  readonly at: Date;
  readonly generationId: string | null;
  readonly refusal: {
    readonly total: bigint;
    readonly held: bigint;
    readonly available: bigint;
    readonly required: bigint;
    /** Counted against it: quotes of what is paid for after completion. */
    readonly inFlight?: bigint;
  } | null;
}

export interface OperationFact {
  readonly account: string;
  readonly seq: bigint;
  readonly at: Date;
  readonly kind: string;
  readonly amount: bigint;
  readonly reference: string | null;
  /** As they stood after it. */
  readonly total: bigint;
  readonly held: bigint;
  readonly debt: bigint;
}

/** Something that must never be. */
export interface Violation {
  readonly check: string;
  readonly sentence: string;
  /** Whose time line shows it. */
  readonly generationId: string | null;
}
