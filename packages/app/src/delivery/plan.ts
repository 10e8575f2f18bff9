import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';

/** More channels than anyone has. */
const most_targets = 24;

/**
 * Writes a row for everything that is to be told about how a generation ended: its place in the library (delivered, as its files are stored
 * by then), the chat it was asked for from, the person's mail, their webhooks. Inside the transaction that ends it, so that neither is ever
 * without the other. Idempotent.
 */
export async function planDeliveries(
  tx: Tx,
  ended: { generationId: string; personId: string; event: 'succeeded' | 'failed' | 'cancelled' },
): Promise<void> {
  const ids = Array.from({ length: most_targets }, () => newId('dlv'));
  await tx.query({
    name: 'plan_deliveries',
    text: `with wishes as (
             update holdfast.delivery_wish w
                set ended_at = holdfast.clock()
               from holdfast.generation_request r
              where w.person_id = $2 and w.ended_at is null
                and r.person_id = w.person_id and r.command = w.command and r.key = w.key and r.generation_id = $1
             returning w.id, w.channel, w.target
           ), targets as (
             select 'library' as channel, '' as target, null as wish, 0 as place where $3 = 'succeeded'
             union all
             select channel, target, id, 1 from wishes
             union all
             select 'webhook', e.id, null, 2 from holdfast.webhook_endpoint e
              where e.person_id = $2 and e.removed_at is null and e.disabled_at is null
             union all
             select 'mail', i.email, null, 3 from auth.identity i
              where i.id = $2 and i.email_verified and $3 <> 'cancelled'
                and not exists (select from wishes)
                and coalesce((select p.wanted from holdfast.notification_preference p
                               where p.person_id = $2 and p.channel = 'mail'
                                 and p.topic = case $3 when 'succeeded' then 'ready' else 'failed' end), true)
           ), numbered as (
             select *, row_number() over (order by place, target) as number from targets
           )
           insert into holdfast.delivery
             (id, generation_id, person_id, event, channel, target, wish_id, state, due_at, finished_at)
           select ($4::text[])[number], $1, $2, $3, channel, target, wish,
                  case channel when 'library' then 'delivered' else 'pending' end,
                  case channel when 'library' then null else holdfast.clock() end,
                  case channel when 'library' then holdfast.clock() end
             from numbered where number <= ${most_targets}
           on conflict (generation_id, event, channel, target, asked_by) do nothing`,
    values: [ended.generationId, ended.personId, ended.event, ids],
  });
}

/** Tells the chats that a generation's result was wanted in of what came later. Inside the transaction in which it came. Idempotent. */
export async function planForChats(
  tx: Tx,
  later: { generationId: string; personId: string; event: 'refunded' },
): Promise<void> {
  await tx.query(
    `insert into holdfast.delivery (id, generation_id, person_id, event, channel, target, wish_id)
     select $4, $1, $2, $3, 'telegram', target, wish_id
       from holdfast.delivery
      where generation_id = $1 and channel = 'telegram' and event = 'succeeded'
      limit 1
     on conflict (generation_id, event, channel, target, asked_by) do nothing`,
    [later.generationId, later.personId, later.event, newId('dlv')],
  );
}

/**
 * Another copy, because the person asked for one: free. The same press of the same button is the same wish.
 * @param wanted.askedBy what tells this press from others
 */
export async function planCopy(
  tx: Tx,
  wanted: { generationId: string; personId: string; chatId: bigint; askedBy: string },
): Promise<{ planned: boolean }> {
  const { rowCount } = await tx.query(
    `insert into holdfast.delivery (id, generation_id, person_id, event, channel, target, asked_by)
     values ($1, $2, $3, 'resent', 'telegram', $4, $5)
     on conflict (generation_id, event, channel, target, asked_by) do nothing`,
    [newId('dlv'), wanted.generationId, wanted.personId, wanted.chatId.toString(), wanted.askedBy],
  );
  return { planned: rowCount === 1 };
}
