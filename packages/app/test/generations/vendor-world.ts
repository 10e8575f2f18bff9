import type { FalEmulatorOptions } from '../../emulators/fal/emulator.ts';
import type { KieEmulatorOptions } from '../../emulators/kie/emulator.ts';
import type { ReplicateEmulatorOptions } from '../../emulators/replicate/emulator.ts';
import type { Service } from '../../emulators/shared/service.ts';
import { grantCredits } from '../../src/credits/commands.ts';
import { readBalance } from '../../src/credits/queries.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { startNext, takeStep } from '../../src/generations/steps/advance.ts';
import { firstCatalogue } from '../../src/generations/catalogue/first-prices.ts';
import type { GenerationInput } from '../../src/generations/catalogue/model.ts';
import { getGeneration } from '../../src/generations/view/read.ts';
import type { AttemptRow, GenerationRow } from '../../src/generations/rows.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import type { GenerationView } from '../../src/generations/view/views.ts';
import type { Next, WorkContext } from '../../src/generations/steps/work-context.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Provider } from '../../src/providers/port.ts';
import { falWorld } from '../providers/fal/world.ts';
import { kieWorld } from '../providers/kie/world.ts';
import { replicateWorld } from '../providers/replicate/world.ts';
import { createHttpWorld } from '../support/http-world.ts';
import type { HttpWorld } from '../support/http-world.ts';

export type Vendor = 'kie' | 'fal' | 'replicate';

/** A vendor's emulator, its adapter as in production, a server that takes callbacks, and a worker that the test moves step by step. */
export interface VendorWorld {
  readonly http: HttpWorld;
  readonly service: Service;
  readonly provider: Provider;
  readonly ctx: WorkContext;
  person(credits: bigint): Promise<string>;
  ask(personId: string, model: string, input?: GenerationInput): Promise<string>;
  see(personId: string, id: string): Promise<GenerationView>;
  balance(personId: string): ReturnType<typeof readBalance>;
  /** Takes what waits and submits it. */
  start(): Promise<{ id: string; next: Next }>;
  /** The next step of it, whenever it is due: the clock is moved as far as that needs. */
  step(id: string): Promise<Next>;
  row(id: string): Promise<GenerationRow>;
  attempts(id: string): Promise<AttemptRow[]>;
  orphans(
    id: string,
  ): Promise<{ task_id: string | null; cost_usd: string | null; resolved_at: Date | null }[]>;
  /** Resolves once so many callbacks were kept for it. */
  called(id: string, times?: number): Promise<void>;
  close(): Promise<void>;
}

export async function createVendorWorld(
  vendor: Vendor,
  emulated: KieEmulatorOptions & FalEmulatorOptions & ReplicateEmulatorOptions = {},
): Promise<VendorWorld> {
  // The adapter is made before the database is, and asks the time only when it is used.
  const time = { now: () => new Date() };
  const clock = { now: () => time.now() };
  const { service, provider } =
    vendor === 'kie'
      ? await kieWorld(emulated)
      : vendor === 'fal'
        ? await falWorld(emulated, { clock })
        : await replicateWorld(emulated, { clock });
  const http = await createHttpWorld({ providers: [provider] });
  const { db, admin, clock: moved } = http.world;
  time.now = () => moved.now();
  const { credits, generations } = http.context;
  await seedCatalogue(
    db,
    firstCatalogue([vendor], {
      creditsPerSecondStandard: 10n,
      creditsPerSecondPro: 14n,
      creditsPerUsd: 100,
      priceMargin: 1.5,
    }),
  );
  await admin.query(`insert into holdfast.provider_account (provider_id, limits) values ($1, $2)`, [
    vendor,
    { submit: null, status: null },
  ]);
  const ctx: WorkContext = { deps: generations, worker: { id: newId('wrk'), machine: 'here' } };

  async function rowOf(id: string): Promise<GenerationRow> {
    const { rows } = await db.query<GenerationRow>('select * from holdfast.generation where id = $1', [id]);
    if (rows[0] === undefined) throw new Error(`there is no ${id}`);
    return rows[0];
  }

  return {
    http,
    service,
    provider,
    ctx,
    row: rowOf,
    async person(amount) {
      const id = newId('per');
      await db.query('insert into holdfast.person (id) values ($1)', [id]);
      await grantCredits(credits, { personId: id, key: 'test', amount, source: 'support', reason: 'a test' });
      return id;
    },
    async ask(personId, model, input) {
      const request = { model, input: { prompt: 'a lighthouse', ...input } };
      const { generation } = await acceptGeneration(generations, { personId, key: newId('key'), request });
      return generation.id;
    },
    see: (personId, id) => getGeneration(generations, personId, id),
    balance: (personId) => readBalance(credits, personId),
    async start() {
      const started = await startNext(ctx, provider);
      if (started === null) throw new Error('nothing was picked up');
      return started;
    },
    async step(id) {
      const { due_at } = await rowOf(id);
      if (due_at === null) throw new Error(`${id} has ended`);
      const early = due_at.getTime() - moved.now().getTime();
      if (early > 0) await moved.advance(`${early + 50} milliseconds`);
      return takeStep(ctx, id);
    },
    async attempts(id) {
      const { rows } = await db.query<AttemptRow>(
        'select * from holdfast.attempt where generation_id = $1 order by number',
        [id],
      );
      return rows;
    },
    async orphans(id) {
      const { rows } = await db.query<{
        task_id: string | null;
        cost_usd: string | null;
        resolved_at: Date | null;
      }>(
        'select task_id, cost_usd, resolved_at from holdfast.orphan_cost where generation_id = $1 order by found_at',
        [id],
      );
      return rows;
    },
    async called(id, times = 1) {
      // The vendor's time is the real one.
      for (const end = performance.now() + 30_000; performance.now() < end;) {
        const { rows } = await db.query<{ n: number }>(
          `select count(*)::integer as n from holdfast.provider_callback c
             join holdfast.attempt a on a.token = c.attempt_token where a.generation_id = $1`,
          [id],
        );
        if ((rows[0]?.n ?? 0) >= times) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error(`${id} was not called`);
    },
    async close() {
      await service.close();
      await http.close();
    },
  };
}
