import { examineMedia } from '../src/platform/media/probe.ts';
import type { Context } from '../src/context.ts';
import type { Database } from '../src/platform/database.ts';
import type {
  AssetFact,
  AttemptFact,
  ChatFacts,
  Facts,
  GenerationFact,
  OperationFact,
  OrphanFact,
  RememberedFact,
} from './facts.ts';

type FromDatabase = Pick<
  Facts,
  'generations' | 'attempts' | 'assets' | 'orphans' | 'remembered' | 'operations' | 'ledger'
>;

/** All that the database knows, and whether the stored files play. */
export async function loadFacts(admin: Database, context: Context): Promise<FromDatabase> {
  return {
    generations: await loadGenerations(admin),
    attempts: await loadAttempts(admin),
    assets: await loadAssets(admin, context),
    orphans: (
      await admin.query<OrphanFact>(
        'select attempt_id as "attemptId", generation_id as "generationId", reason from holdfast.orphan_cost',
      )
    ).rows,
    remembered: await loadRemembered(admin),
    operations: (
      await admin.query<OperationFact>(
        `select a.id as account, o.seq, o.at, o.kind, o.amount, o.reference, o.total, o.held, o.debt
           from ledger.operation o join ledger.account a using (account_no) order by a.account_no, o.seq`,
      )
    ).rows,
    ledger: await verify(context),
  };
}

async function loadGenerations(admin: Database): Promise<GenerationFact[]> {
  const { rows } = await admin.query<
    Omit<GenerationFact, 'timeline'> & { timeline: { status: string; at: string }[] }
  >(
    `select id, person_id as "personId", provider_id as "providerId", model_id as "modelId", state, policy, quoted, held,
            captured, released, refunded,
            coalesce((select r.amount from holdfast.generation_refund r where r.generation_id = g.id and r.unlocked_at is null), 0)::bigint as "givenBack",
            error_code as "errorCode", created_at as "createdAt", finished_at as "finishedAt", timeline
       from holdfast.generation g order by id`,
  );
  return rows.map((row) =>
    Object.assign(row, { timeline: row.timeline.map(({ status, at }) => ({ status, at: new Date(at) })) }),
  );
}

/** What the database knows of chats. */
export async function loadChats(admin: Database): Promise<Omit<ChatFacts, 'presses' | 'sends' | 'closed'>> {
  const { rows: people } = await admin.query<ChatFacts['people'][number]>(
    'select telegram_id::double precision as chat, person_id as "personId" from holdfast.telegram_account',
  );
  const { rows: deliveries } = await admin.query<ChatFacts['deliveries'][number]>(
    `select generation_id as "generationId", person_id as "personId", target::double precision as chat, event, state, refusals,
            case when state = 'uncertain' or state = 'delivered' and facts ? 'note' then 'maybe'
                 when state = 'delivered' and facts ? 'way' then 'yes' else 'no' end as file
       from holdfast.delivery where channel = 'telegram'`,
  );
  const { rows } = await admin.query<{ unanswered: number; givenUp: number }>(
    `select count(*) filter (where done_at is null)::integer as unanswered,
            count(*) filter (where failures >= 5)::integer as "givenUp"
       from holdfast.bot_update`,
  );
  return { people, deliveries, ...(rows[0] ?? { unanswered: 0, givenUp: 0 }) };
}

async function loadAttempts(admin: Database): Promise<AttemptFact[]> {
  const { rows } = await admin.query<AttemptFact>(
    `select id, generation_id as "generationId", number, provider_id as "providerId", token, state, task_id as "taskId",
            submit_started_at as "submitStartedAt", ended_at as "endedAt", error_code as "errorCode",
            error_class as "errorClass", resubmitted_by is not null as resubmitted
       from holdfast.attempt order by generation_id, number`,
  );
  return rows;
}

async function loadAssets(admin: Database, context: Context): Promise<AssetFact[]> {
  const { rows } = await admin.query<Omit<AssetFact, 'plays'> & { sha256: string }>(
    `select generation_id as "generationId", person_id as "personId", output, sha256 from holdfast.asset
      where generation_id is not null`,
  );
  const plays = new Map<string, boolean>();
  for (const { sha256 } of rows) {
    if (plays.has(sha256)) continue;
    const path = await context.delivery.storage.localPath(sha256);
    plays.set(sha256, path !== null && (await examineMedia(path)).plays);
  }
  return rows.map(({ sha256, ...row }) => Object.assign(row, { plays: plays.get(sha256) ?? false }));
}

interface RememberedRow {
  personId: string;
  key: string;
  at: Date;
  generationId: string | null;
  refusal:
    | (Record<'total' | 'held' | 'available' | 'required', string | number> & { in_flight?: string | number })
    | null;
}

async function loadRemembered(admin: Database): Promise<RememberedFact[]> {
  const { rows } = await admin.query<RememberedRow>(
    `select person_id as "personId", key, created_at as at, generation_id as "generationId", refusal
       from holdfast.generation_request order by created_at`,
  );
  return rows.map((row) => Object.assign(row, { refusal: row.refusal && amountsOf(row.refusal) }));
}

function amountsOf(refusal: NonNullable<RememberedRow['refusal']>): NonNullable<RememberedFact['refusal']> {
  return {
    total: BigInt(refusal.total),
    held: BigInt(refusal.held),
    available: BigInt(refusal.available),
    required: BigInt(refusal.required),
    inFlight: BigInt(refusal.in_flight ?? 0),
  };
}

async function verify(context: Context): Promise<Facts['ledger']> {
  const { violations, differences } = await context.credits.ledger.verify();
  return { violations, differences: differences.map((difference) => JSON.stringify(difference, bigintText)) };
}

function bigintText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
