/** A person who has the bot's chat open in Telegram. Their private chat has the same number. */
export interface EmulatedUser {
  readonly id: number;
  readonly first_name: string;
  readonly username: string;
  readonly language_code: string;
  /** Whether they stopped the bot. */
  blocked: boolean;
  /** Whether their account is gone. */
  deactivated: boolean;
  /** Whether they ever wrote to the bot: who didn't can't be written to. */
  started: boolean;
  stars: number;
}

export interface EmulatedFile {
  readonly id: string;
  readonly uniqueId: string;
  readonly kind: 'video' | 'photo' | 'document' | 'sticker';
  readonly content: Buffer;
  /** As it is told: may be more than there is, to play a file of a gigabyte. */
  readonly bytes: number;
  readonly name: string;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly duration: number;
}

export interface Button {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
  readonly pay?: boolean;
}

export interface Invoice {
  readonly title: string;
  readonly description: string;
  readonly payload: string;
  readonly currency: string;
  readonly stars: number;
}

/** A message as it lies in a chat. */
export interface EmulatedMessage {
  readonly id: number;
  readonly chat: number;
  readonly from: 'bot' | number;
  readonly date: number;
  text: string | null;
  caption: string | null;
  readonly file: EmulatedFile | null;
  buttons: readonly (readonly Button[])[];
  readonly invoice: Invoice | null;
  readonly payment: { readonly chargeId: string; readonly stars: number; readonly payload: string } | null;
  readonly album: string | null;
  /** Of the state, when it was last written. */
  version: number;
  edits: number;
  deleted: boolean;
}

export interface StarTransaction {
  readonly id: string;
  readonly amount: number;
  readonly date: number;
  readonly user: number;
  readonly payload: string;
  /** False for a payment to the bot, true for one that went back. */
  readonly refund: boolean;
}

/** An update as a bot gets it. */
export type Update = { readonly update_id: number } & Record<string, unknown>;

/** What a call of the Bot API answers, or how it breaks. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: Readonly<Record<string, number>>;
    };

export const good = (result: unknown): Answer => ({ ok: true, result });

export const bad = (
  error_code: number,
  description: string,
  parameters?: Readonly<Record<string, number>>,
): Answer => ({ ok: false, error_code, description, ...(parameters === undefined ? {} : { parameters }) });
