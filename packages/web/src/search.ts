/** What each address may carry after its question mark, read with distrust: whatever doesn't fit is dropped. */
type Raw = Record<string, unknown>;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const oneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((candidate) => candidate === value);
const count = (value: unknown): number | undefined => (Number.isInteger(value) ? Number(value) : undefined);

/** Only an address of our own; never one that leads away. */
const ownPath = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;

export type WelcomeSearch = { next?: string };
export const welcomeSearch = (raw: Raw): WelcomeSearch => ({ next: ownPath(raw['next']) });

export type ResetSearch = { token?: string; error?: string };
export const resetSearch = (raw: Raw): ResetSearch => ({
  token: text(raw['token']),
  error: text(raw['error']),
});

export type VerifySearch = { done?: 1; error?: string; next?: string };
export const verifySearch = (raw: Raw): VerifySearch => ({
  done: raw['done'] ? 1 : undefined,
  error: text(raw['error']),
  next: ownPath(raw['next']),
});

export type PaymentSearch = { order?: string };
export const paymentSearch = (raw: Raw): PaymentSearch => ({ order: text(raw['order']) });

/** What an operator was sent to look at: a provider, or an alert by its key. */
export type OperatorSearch = { provider?: string; alert?: string };
export const operatorSearch = (raw: Raw): OperatorSearch => ({
  provider: text(raw['provider']),
  alert: text(raw['alert']),
});

/** What an alert's link names: an event of Stripe, or an order. */
export type DeskSearch = { event?: string; order?: string };
export const deskSearch = (raw: Raw): DeskSearch => ({
  event: text(raw['event']),
  order: text(raw['order']),
});

export type CreateSearch = {
  /** The card: kind and template, such as `video-reels`. */
  make?: string;
  model?: string;
  seconds?: number;
  shape?: '9:16' | '1:1' | '16:9';
  /** A generation whose inputs to start from. */
  from?: string;
};
export const createSearch = (raw: Raw): CreateSearch => ({
  make: text(raw['make']),
  model: text(raw['model']),
  seconds: count(raw['seconds']),
  shape: oneOf(raw['shape'], ['9:16', '1:1', '16:9']),
  from: text(raw['from']),
});

export type LibrarySearch = {
  status?: 'active' | 'succeeded' | 'failed' | 'cancelled';
  kind?: 'video' | 'image';
};
export const librarySearch = (raw: Raw): LibrarySearch => ({
  status: oneOf(raw['status'], ['active', 'succeeded', 'failed', 'cancelled']),
  kind: oneOf(raw['kind'], ['video', 'image']),
});
