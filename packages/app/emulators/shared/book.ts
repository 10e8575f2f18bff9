import { appendFileSync } from 'node:fs';

/** One request that asked for something paid. */
export interface PostEntry {
  readonly at: string;
  readonly path: string;
  readonly model: string;
  /** The attempt's own, as the last part of its callback's address; null where it wants no callback. */
  readonly token: string | null;
  readonly accepted: boolean;
  readonly taskId: string | null;
  /** What it was billed when it was accepted, in virtual dollars; 0 for what was not. */
  readonly usd: number;
}

/** What was given back for a task that ended badly. */
export interface Refund {
  readonly taskId: string;
  readonly usd: number;
}

/** What the vendor would bill, and for whom: the other side of the product's own books. */
export interface Book {
  readonly posts: PostEntry[];
  readonly refunds: Refund[];
  write(entry: PostEntry): void;
  giveBack(refund: Refund): void;
  spentUsd(): number;
  /** Accepted posts by token. */
  acceptedByToken(): Record<string, number>;
}

/** @param file where each entry is appended as a line of JSON, so that the book outlives the program */
export function openBook(file: string | null): Book {
  const posts: PostEntry[] = [];
  const refunds: Refund[] = [];
  const keep = (line: PostEntry | { refund: Refund }): void => {
    if (file !== null) appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
  const sum = (all: readonly { usd: number }[]): number => all.reduce((total, { usd }) => total + usd, 0);
  return {
    posts,
    refunds,
    write(post) {
      posts.push(post);
      keep(post);
    },
    giveBack(refund) {
      refunds.push(refund);
      keep({ refund });
    },
    spentUsd: () => sum(posts) - sum(refunds),
    acceptedByToken() {
      const counts: Record<string, number> = {};
      for (const { token, accepted } of posts) {
        if (accepted && token !== null) counts[token] = (counts[token] ?? 0) + 1;
      }
      return counts;
    },
  };
}
