/** What is asked about: everything a person wrote, and the photo they gave. */
export interface Content {
  readonly text: string;
  readonly image: { readonly path: string; readonly contentType: string } | null;
}

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Says whether something may be made. The reason is for the operator, never for people. */
export interface Moderator {
  readonly id: string;
  /** `acceptance`: free and instant, asked before anything is held. `submit`: may wait and may look at the photo. */
  readonly asked: 'acceptance' | 'submit';
  /** @throws ModeratorUnreachableError where it can't say, and that counts as no */
  judge(content: Content, signal: AbortSignal): Promise<Verdict>;
}

/** It gave no answer, and the operator wants nothing sent without one. */
export class ModeratorUnreachableError extends Error {}

/** What a process moderates with. */
export interface Moderation {
  readonly moderators: readonly Moderator[];
  /** Refusals in a day after which a person's new requests are paused; 0 is never. */
  readonly strikesPerDay: number;
}
