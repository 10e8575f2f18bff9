import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Db } from '../../platform/database.ts';

export const topics = ['ready', 'failed', 'news'] as const;
export type Topic = (typeof topics)[number];

/** Addresses that stop one kind of mail to one person, without signing in: they work for ever, and for nothing else. */
export function unsubscribeLinks(options: { publicUrl: string; secret: string }): {
  urlFor(personId: string, topic: Topic): string;
  /** Null for what was not made here. */
  read(token: string): { personId: string; topic: Topic } | null;
} {
  const sign = (text: string): string =>
    createHmac('sha256', options.secret).update(`unsubscribe\n${text}`).digest('base64url');
  return {
    urlFor(personId, topic) {
      const text = `${personId}.${topic}`;
      return `${options.publicUrl}/unsubscribe?token=${text}.${sign(text)}`;
    },
    read(token) {
      const [personId = '', name = '', signature = ''] = token.split('.');
      const expected = Buffer.from(sign(`${personId}.${name}`));
      const given = Buffer.from(signature);
      const topic = topics.find((each) => each === name);
      if (topic === undefined || given.length !== expected.length || !timingSafeEqual(given, expected))
        return null;
      return { personId, topic };
    },
  };
}

export async function setPreference(
  db: Db,
  wish: { personId: string; channel: 'mail' | 'telegram'; topic: Topic; wanted: boolean },
): Promise<void> {
  await db.query(
    `insert into holdfast.notification_preference (person_id, channel, topic, wanted)
     select $1, $2, $3, $4 where exists (select from holdfast.person where id = $1)
     on conflict (person_id, channel, topic) do update set wanted = excluded.wanted, changed_at = holdfast.clock()`,
    [wish.personId, wish.channel, wish.topic, wish.wanted],
  );
}

/** Every mail preference, with what is usual where nothing was chosen: all of them. */
export async function readPreferences(db: Db, personId: string): Promise<Record<Topic, boolean>> {
  const { rows } = await db.query<{ topic: Topic; wanted: boolean }>(
    `select topic, wanted from holdfast.notification_preference where person_id = $1 and channel = 'mail'`,
    [personId],
  );
  const chosen = new Map(rows.map((row) => [row.topic, row.wanted]));
  return {
    ready: chosen.get('ready') ?? true,
    failed: chosen.get('failed') ?? true,
    news: chosen.get('news') ?? true,
  };
}
