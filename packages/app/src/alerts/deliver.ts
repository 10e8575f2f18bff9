import { inTransaction } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import { describeFailure } from './describe-failure.ts';
import type { AlertChannel, AlertContent, AlertServices } from './deps.ts';
import {
  addressOf,
  give_up_seconds,
  messages_per_hour,
  quiet_seconds,
  retrySeconds,
  settle_seconds,
} from './rules.ts';

/** How long a notice is left to whoever is delivering it. */
const delivering_seconds = 60;
const most_in_message = 50;
const keep = '90 days';

/**
 * Tells what is to be told, through every channel that has room for a message. Any number of workers may call it at once: each notice is
 * handed to one of them. A channel that fails is tried again later, and never holds up another.
 */
export async function deliverAlerts(services: AlertServices): Promise<void> {
  await writeNotices(services);
  await Promise.all(services.channels.map((channel) => deliverThrough(services, channel)));
}

/** What has happened since the operator was told last, as notices for every channel. */
async function writeNotices(services: AlertServices): Promise<void> {
  const channels = services.channels.map(({ id }) => id);
  await inTransaction(services.db, async (tx) => {
    const { rows } = await tx.query<{ content: AlertContent }>({
      name: 'alerts_to_tell',
      text: `with due as (
               select key, case when cleared_at is null then 'raised' else 'cleared' end as about
                 from holdfast.alert
                where (cleared_at is null and told is distinct from 'raised'
                       and (told_raised_at is null or told_raised_at <= holdfast.clock() - make_interval(secs => $1)))
                   or (cleared_at is null and severity = 'critical' and told_severity = 'warning')
                   or (cleared_at <= holdfast.clock() - make_interval(secs => $2) and told = 'raised')
                order by key
                limit 500
                for update skip locked
             )
             update holdfast.alert a
                set told = due.about, told_severity = a.severity,
                    told_raised_at = case when due.about = 'raised' then holdfast.clock() else a.told_raised_at end
               from due
              where a.key = due.key
             returning jsonb_build_object('about', due.about, 'key', a.key, 'severity', a.severity, 'title', a.title,
               'detail', a.detail, 'link', a.link, 'opened_at', a.opened_at, 'cleared_at', a.cleared_at,
               'raises', a.raises) as content`,
      values: [quiet_seconds, settle_seconds],
    });
    for (const { content } of rows) {
      for (const channel of channels) {
        await tx.query(
          `insert into holdfast.alert_notice (id, alert_key, channel, about, content) values ($1, $2, $3, $4, $5)`,
          [
            newId('not'),
            content.key,
            channel,
            content.about,
            JSON.stringify(toldAs(content, services.publicUrl)),
          ],
        );
      }
    }
  });
}

/** Postgres writes an instant with its own zone, and paths lead nowhere from a mail. */
function toldAs(content: AlertContent, publicUrl: string): AlertContent {
  const iso = (text: string): string => new Date(text).toISOString();
  return {
    ...content,
    link: addressOf(content.link, publicUrl),
    opened_at: iso(content.opened_at),
    cleared_at: content.cleared_at === null ? null : iso(content.cleared_at),
  };
}

interface Notice {
  id: string;
  content: AlertContent;
  attempts: number;
  message_id: string;
  now: Date;
  age_seconds: number;
}

async function deliverThrough(services: AlertServices, channel: AlertChannel): Promise<void> {
  const notices = await takeNotices(services, channel);
  const [first] = notices;
  if (first === undefined) return;
  const ids = notices.map(({ id }) => id);
  try {
    const alerts = notices.map(({ content }) => content);
    await channel.send({ id: first.message_id, sentAt: first.now, alerts });
  } catch (error) {
    await putOff(services, channel, notices, describeFailure(error));
    return;
  }
  await services.db.query(
    `update holdfast.alert_notice set delivered_at = holdfast.clock(), due_at = null, last_error = null where id = any($1)`,
    [ids],
  );
}

/** What is due, for one message; nothing where the channel has carried enough in the last hour. */
async function takeNotices(services: AlertServices, channel: AlertChannel): Promise<Notice[]> {
  const { rows } = await services.db.query<Notice>({
    name: 'take_alert_notices',
    text: `with room as (
             select from holdfast.alert_notice
              where channel = $1 and delivered_at > holdfast.clock() - interval '1 hour'
             having count(distinct message_id) < $2
           ), due as (
             select id from holdfast.alert_notice
              where channel = $1 and due_at <= holdfast.clock() and exists (select from room)
              order by created_at, id
              limit $3
              for update skip locked
           )
           update holdfast.alert_notice n
              set due_at = holdfast.clock() + make_interval(secs => $4), attempts = n.attempts + 1, message_id = $5
             from due
            where n.id = due.id
           returning n.id, n.content, n.attempts, n.message_id, holdfast.clock() as now,
             extract(epoch from holdfast.clock() - n.created_at)::double precision as age_seconds`,
    values: [
      channel.id,
      channel.id === 'log' ? 1_000_000 : messages_per_hour,
      most_in_message,
      delivering_seconds,
      newId('msg'),
    ],
  });
  return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

async function putOff(
  services: AlertServices,
  channel: AlertChannel,
  notices: readonly Notice[],
  reason: string,
): Promise<void> {
  services.log.warn(
    { channel: channel.id, reason, notices: notices.length },
    'alerts could not be delivered',
  );
  for (const { id, attempts, age_seconds, content } of notices) {
    const givenUp = age_seconds > give_up_seconds;
    if (givenUp) services.log.error({ channel: channel.id, alert: content }, 'nobody was told of an alert');
    await services.db.query(
      `update holdfast.alert_notice
          set last_error = $2, due_at = case when $3 then null else holdfast.clock() + make_interval(secs => $4) end
        where id = $1 and delivered_at is null`,
      [id, reason, givenUp, retrySeconds(attempts)],
    );
  }
}

/** What has been over, or told, for months. */
export async function forgetOldAlerts(services: AlertServices): Promise<void> {
  await services.db.query(
    `delete from holdfast.alert_notice where id in (
       select id from holdfast.alert_notice where created_at < holdfast.clock() - $1::interval and due_at is null
        order by created_at limit 1000)`,
    [keep],
  );
  await services.db.query(
    `delete from holdfast.alert where cleared_at < holdfast.clock() - $1::interval and told is distinct from 'raised'`,
    [keep],
  );
}
