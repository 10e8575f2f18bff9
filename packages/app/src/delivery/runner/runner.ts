import { setTimeout as pause } from 'node:timers/promises';
import { inTransaction } from '../../platform/database.ts';
import type { Database } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import type { DeliveryChannel } from '../channels/port.ts';
import { afterSend, channelRules } from '../rules.ts';
import type { Sent } from '../rules.ts';
import { claimDue, claimRenewalSeconds, markSending, renewClaim, writeEnd } from './claims.ts';
import { deliveryFailpoint } from './failpoint.ts';
import type { DeliveryRow } from './rows.ts';

/** Works deliveries until it is stopped. Any number may run, in any number of processes. */
export interface DeliveryRunner {
  /** Works everything that is due now. Never rejects. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

export interface RunnerOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly channels: readonly DeliveryChannel[];
  /** How often it looks; 0: only when told. Default 700. */
  readonly lookMs?: number;
}

const most_abreast = 12;
/** Until what failed before anything left is tried again: mostly the database, or storage. */
const prepare_wait_seconds = 15;

export function startDeliveries(options: RunnerOptions): DeliveryRunner {
  const { db, log } = options;
  const channels = new Map<string, DeliveryChannel>(options.channels.map((each) => [each.id, each]));
  const stopped = new AbortController();
  const underWay = new Set<Promise<void>>();
  const lookMs = options.lookMs ?? 700;

  /** Begins what is due, as far as there is room. @returns how much that was */
  async function fill(): Promise<number> {
    const room = most_abreast - underWay.size;
    if (room <= 0 || stopped.signal.aborted) return 0;
    const rows = await claimDue(db, { limit: room, channels: [...channels.keys()] });
    for (const row of rows) void begin(row);
    return rows.length;
  }

  async function work(): Promise<void> {
    while ((await fill()) > 0 || underWay.size > 0) await Promise.race(underWay);
  }

  function begin(row: DeliveryRow): Promise<void> {
    const working = workOne(row)
      .catch((error: unknown) => log.warn({ err: error, delivery: row.id }, 'a delivery could not be worked'))
      .finally(() => underWay.delete(working));
    underWay.add(working);
    return working;
  }

  async function workOne(row: DeliveryRow): Promise<void> {
    const channel = channels.get(row.channel);
    if (channel === undefined) return;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      renewClaim(db, row).then(
        (kept) => kept || lost.abort(),
        (error: unknown) => log.warn({ err: error, delivery: row.id }, 'a claim could not be renewed'),
      );
    }, claimRenewalSeconds * 1_000);
    try {
      const sent = await attempt(channel, row, lost.signal);
      if (sent !== null) await finish(channel, row, sent);
    } finally {
      clearInterval(renewal);
    }
  }

  async function attempt(
    channel: DeliveryChannel,
    row: DeliveryRow,
    signal: AbortSignal,
  ): Promise<Sent | null> {
    if (row.state === 'sending') {
      // Its worker died after the marker: it may have left.
      return {
        kind: 'uncertain',
        reason: 'worker_lost',
        detail: 'the worker that sent it was lost before it noted the answer',
      };
    }
    const hindered = await prepare(channel, row, signal);
    signal.throwIfAborted();
    if (hindered) return hindered;
    const number = await markSending(db, row, channel.way(row));
    if (number === null) return null;
    row.attempts = number;
    row.state = 'sending';
    deliveryFailpoint('delivery.marked');
    try {
      const sent = await channel.send(row, signal);
      deliveryFailpoint('delivery.sent');
      return sent;
    } catch (error) {
      log.error({ err: error, delivery: row.id }, 'a send broke');
      return { kind: 'uncertain', reason: 'send_broke', detail: String(error) };
    }
  }

  async function prepare(
    channel: DeliveryChannel,
    row: DeliveryRow,
    signal: AbortSignal,
  ): Promise<Sent | null> {
    try {
      return (await channel.prepare?.(row, signal)) ?? null;
    } catch (error) {
      log.warn({ err: error, delivery: row.id }, 'a delivery could not be prepared');
      const detail = String(error);
      return {
        kind: 'again',
        reason: 'not_prepared',
        detail,
        afterSeconds: prepare_wait_seconds,
        counts: false,
      };
    }
  }

  async function finish(channel: DeliveryChannel, row: DeliveryRow, sent: Sent): Promise<void> {
    const { rows } = await db.query<{ age: number }>(
      'select extract(epoch from holdfast.clock() - $1::timestamptz)::float8 as age',
      [row.created_at],
    );
    const next = afterSend(sent, {
      rules: channelRules[row.channel],
      attempts: row.attempts,
      refusals: row.refusals,
      ageSeconds: rows[0]?.age ?? 0,
      random: Math.random(),
    });
    const written = await inTransaction(db, async (tx) => {
      if (!(await writeEnd(tx, row, sent, next))) return false;
      if (next.state === 'refused') await channel.refused?.(tx, row, next);
      return true;
    });
    if (!written) return;
    const facts = { delivery: row.id, generation: row.generation_id, channel: row.channel, event: row.event };
    log.info(
      { ...facts, state: next.state, reason: 'reason' in next ? next.reason : undefined },
      'a delivery went on',
    );
    if (next.state === 'pending') return;
    await channel
      .after?.(row, next.state)
      .catch((error: unknown) => log.warn({ err: error, ...facts }, 'the rest could not be told'));
  }

  async function look(): Promise<void> {
    while (!stopped.signal.aborted) {
      await fill().catch((error: unknown) =>
        log.warn({ err: error }, 'deliveries could not be looked for; the next look tries again'),
      );
      await pause(lookMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const looking = lookMs > 0 ? look() : Promise.resolve();
  return {
    work,
    async stop() {
      stopped.abort();
      await looking;
      await Promise.all(underWay);
    },
  };
}
