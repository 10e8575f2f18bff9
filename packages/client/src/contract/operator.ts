import { z } from 'zod';
import { credits, instant } from './common.ts';
import { generationStatus } from './generations.ts';

/** What operators see and do. Only for people whose role is `operator`; for everybody else nothing is there. */

/** Something under way that an operator should look at. */
export const doubtfulLine = z.object({
  generation: z.string(),
  person: z.string(),
  /** Their mail address, where they have one. */
  who: z.string().nullable(),
  model: z.string(),
  provider: z.string(),
  status: generationStatus,
  held: credits,
  created_at: instant,
  deadline_at: instant,
  age_seconds: z.number(),
  /** How long 19 in 20 of its model take; null where too few have been made. */
  usual_seconds: z.number().nullable(),
  /** Past the time at which somebody should have looked at it; 0 where nothing is late. */
  overdue_seconds: z.number(),
  /** The number of its last attempt; null where none was made. */
  attempt: z.int().nullable(),
  /** Its provider's name for it. */
  task: z.string().nullable(),
  error: z.string().nullable(),
});
export type DoubtfulLine = z.infer<typeof doubtfulLine>;

/** What a provider may have taken for something nobody was charged for. */
export const orphanLine = z.object({
  attempt: z.string(),
  generation: z.string(),
  provider: z.string(),
  task: z.string().nullable(),
  reason: z.string(),
  cost_usd: z.number().nullable(),
  found_at: instant,
});
export type OrphanLine = z.infer<typeof orphanLine>;

export const openAlert = z.object({
  key: z.string(),
  severity: z.enum(['warning', 'critical']),
  title: z.string(),
  detail: z.string(),
  link: z.string().nullable(),
  opened_at: instant,
  last_raised_at: instant,
  raises: z.int(),
});
export type OpenAlert = z.infer<typeof openAlert>;

export const providerState = z.object({
  id: z.string(),
  /** Whether asking it costs the operator money. */
  paid: z.boolean(),
  /** Set up on the machine that answers. */
  reachable: z.boolean(),
  paused_reason: z.string().nullable(),
  /** Open ones: nothing is sent there. An empty model is the whole provider. */
  circuits: z.array(z.object({ model: z.string(), reason: z.string(), since: instant })),
  running: z.int(),
  queued: z.int(),
  balance: z.object({ units: z.number(), usd: z.number().nullable(), at: instant }).nullable(),
  /** At what was spent in the last day. */
  days_left: z.number().nullable(),
  /** Since midnight UTC. */
  spent_today_usd: z.number(),
  daily_cap_usd: z.number().nullable(),
});
export type ProviderState = z.infer<typeof providerState>;

export const operatorLine = z.object({
  id: z.string(),
  at: instant,
  operator: z.string(),
  action: z.string(),
  subject: z.string(),
  reason: z.string(),
  /** Null where it broke off. */
  outcome: z.string().nullable(),
  detail: z.string(),
});
export type OperatorLine = z.infer<typeof operatorLine>;

/** `GET /api/operator/overview`. Lists are cut at 100. */
export const operatorOverview = z.object({
  /** How many are in each state that is not final. */
  under_way: z.record(z.string(), z.int()),
  stuck: z.array(doubtfulLine),
  unknown: z.array(doubtfulLine),
  orphans: z.array(orphanLine),
  alerts: z.array(openAlert),
  providers: z.array(providerState),
  /** Of the first ranges shown in the last seven days: how many held. */
  estimates: z.object({ shown: z.int(), held: z.int(), percent: z.number().nullable() }),
  /** The last twenty. */
  actions: z.array(operatorLine),
});
export type OperatorOverview = z.infer<typeof operatorOverview>;

const reason = z.string().trim().min(3, 'say why, in 3 to 500 characters').max(500);

/** `POST /api/operator/generations/:id/ask`, `/release`, and `POST /api/operator/orphans/:id/settle`. */
export const operatorReason = z.strictObject({ reason });
/** `POST /api/operator/generations/:id/adopt`. */
export const operatorAdopt = z.strictObject({ reason, task: z.string().trim().min(1).max(200) });
/**
 * `POST /api/operator/generations/:id/resubmit`: a second paid attempt, knowingly.
 * `attempt` is the number of the one in doubt: a request that comes twice or late does nothing.
 */
export const operatorResubmit = z.strictObject({
  reason,
  attempt: z.int().min(1).max(1_000),
  confirm: z.literal(true),
});

export const operatorAnswer = z.object({
  generation: z.string(),
  /** `done`, `nothing_to_do`, or, of `ask`, what its provider said. */
  outcome: z.string(),
  detail: z.string(),
});
export type OperatorAnswer = z.infer<typeof operatorAnswer>;
