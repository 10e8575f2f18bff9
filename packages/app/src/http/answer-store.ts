import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Db } from '../platform/database.ts';

export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'in_progress' };

export interface AnswerStore {
  /** Takes the key for this request, or says what became of the first one. */
  claim(personId: string, key: string, fingerprint: Buffer): Promise<Claim>;
  /** `fingerprint` where it became known only while the request was carried out. */
  keep(personId: string, key: string, answer: KeptAnswer, fingerprint?: Buffer): Promise<void>;
  /** The request changed nothing: the key is free again. */
  release(personId: string, key: string): Promise<void>;
}

/** Answers are kept encrypted: one of them is a new API key, which the database must not be able to tell. */
export function createAnswerStore(db: Db, secret: string): AnswerStore {
  const sealing = Buffer.from(hkdfSync('sha256', secret, '', 'holdfast answered requests', 32));
  return {
    async claim(personId, key, fingerprint) {
      const { rowCount } = await db.query(
        `insert into holdfast.answered_request as a (person_id, key, fingerprint) values ($1, $2, $3)
         on conflict (person_id, key) do update set claimed_at = holdfast.clock()
         where a.status is null and a.fingerprint = excluded.fingerprint and a.claimed_at < holdfast.clock() - interval '1 minute'`,
        [personId, key, fingerprint],
      );
      if (rowCount === 1) return { kind: 'claimed' };
      return readClaim(db, sealing, personId, key, fingerprint);
    },
    async keep(personId, key, answer, fingerprint) {
      await db.query(
        `update holdfast.answered_request
         set status = $3, content_type = $4, body = $5, fingerprint = coalesce($6, fingerprint)
         where person_id = $1 and key = $2 and status is null`,
        [personId, key, answer.status, answer.contentType, seal(sealing, answer.body), fingerprint ?? null],
      );
    },
    async release(personId, key) {
      await db.query(
        'delete from holdfast.answered_request where person_id = $1 and key = $2 and status is null',
        [personId, key],
      );
    },
  };
}

async function readClaim(
  db: Db,
  sealing: Buffer,
  personId: string,
  key: string,
  fingerprint: Buffer,
): Promise<Claim> {
  const { rows } = await db.query<{
    fingerprint: Buffer;
    status: number | null;
    content_type: string;
    body: Buffer;
  }>(
    'select fingerprint, status, content_type, body from holdfast.answered_request where person_id = $1 and key = $2',
    [personId, key],
  );
  const first = rows[0];
  // Released between the two statements: the first request was refused just now.
  if (!first) return { kind: 'in_progress' };
  if (!first.fingerprint.equals(fingerprint)) return { kind: 'conflict' };
  if (first.status === null) return { kind: 'in_progress' };
  const body = unseal(sealing, first.body);
  return { kind: 'answered', answer: { status: first.status, contentType: first.content_type, body } };
}

function seal(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, sealed: Buffer): string {
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  cipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()]).toString('utf8');
}
