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
  /** What it will be billed, in virtual dollars; 0 for what was not accepted. */
  readonly usd: number;
}

/** What the vendor would bill, and for whom: the other side of the product's own books. */
export interface Book {
  readonly posts: PostEntry[];
  write(entry: Omit<PostEntry, 'at'>): void;
  spentUsd(): number;
  /** Accepted posts by token. */
  acceptedByToken(): Record<string, number>;
}

/** @param file where each entry is appended as a line of JSON, so that the book outlives the program */
export function openBook(file: string | null): Book {
  const posts: PostEntry[] = [];
  return {
    posts,
    write(entry) {
      const post = { at: new Date().toISOString(), ...entry };
      posts.push(post);
      if (file !== null) appendFileSync(file, `${JSON.stringify(post)}\n`);
    },
    spentUsd: () => posts.reduce((sum, { usd }) => sum + usd, 0),
    acceptedByToken() {
      const counts: Record<string, number> = {};
      for (const { token, accepted } of posts) {
        if (accepted && token !== null) counts[token] = (counts[token] ?? 0) + 1;
      }
      return counts;
    },
  };
}
