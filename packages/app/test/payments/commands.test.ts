import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandOutput } from '../../src/cli/output.ts';
import { addPaymentCommands } from '../../src/cli/payments.ts';
import { listActions } from '../../src/operations/operator-log.ts';
import { readCatalogueFile } from '../../src/payments/catalogue-file.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;
let folder: string;

beforeAll(async () => {
  payments = await createPaymentWorld();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-payments-'));
});
afterAll(async () => {
  await payments.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `holdfast payments …` as the program does, and gives what it would print. */
async function run(...words: string[]): Promise<CommandOutput> {
  const { context } = payments;
  const { db, credits, generations } = context;
  let output: CommandOutput | null = null;
  const program = new Command('payments').exitOverride();
  addPaymentCommands(program, {
    answer: (parent, name, description) => parent.command(name).description(description).exitOverride(),
    wholeNumber: () => Number,
    run: async (work) => {
      output = await work({
        config: context.config,
        context,
        operations: { db, credits, generations },
      });
    },
  });
  await program.parseAsync(['node', 'payments', ...words]);
  if (output === null) throw new Error('the command printed nothing');
  return output;
}

test('reconcile says what differs and changes nothing; with --repair it does; check does it for one person', async () => {
  payments.stripe.account.knobs.drop = 1;
  const [ada, bob] = [await payments.person(), await payments.person()];
  await payments.buy(ada);
  await payments.buy(bob);
  const dry = await run('reconcile');
  expect(dry.text).toContain('paid_not_granted');
  expect(dry.text).toContain('$9.90');
  expect(dry.text).toContain('Nothing was changed: add --repair.');
  expect((await payments.balance(ada)).total).toBe(0n);
  expect((await run('check', ada)).text).toContain('added 200 credits just now');
  await expect(run('reconcile', '--repair')).rejects.toMatchObject({ code: 'reason_invalid' });
  const repaired = await run('reconcile', '--repair', '--reason', 'Ticket 12');
  expect(repaired.text).toContain('1 repaired.');
  expect(repaired.text).toContain('never arrived, and were fetched.');
  expect((await payments.balance(bob)).total).toBe(200n);
  expect((await run('reconcile')).text).toBe('The books agree.');
  payments.stripe.account.knobs.drop = 0;
});

test('events with their bodies, and a replay', async () => {
  await payments.buy(await payments.person());
  await payments.settle();
  const listed = await run('events', '--last', '50');
  expect(listed.text).toContain('checkout.session.completed');
  const { events } = listed.json as { events: { id: string; type: string; state: string }[] };
  const handled = events.find(({ type, state }) => type === 'checkout.session.completed' && state === 'done');
  expect((await run('event', handled?.id ?? '')).text).toContain('"api_version": "2026-10-28.endive"');
  const why = ['--reason', 'Ticket 12'];
  await expect(run('replay', handled?.id ?? '')).rejects.toThrow('--reason');
  expect((await run('replay', handled?.id ?? '', ...why)).text).toContain('done');
  await expect(run('replay', 'evt_none', ...why)).rejects.toMatchObject({ code: 'not_found' });
  expect((await run('events', '--waiting')).json).toEqual({ events: [] });
});

test('the catalogue by a file, dry first; a wrong file is named with its place', async () => {
  const file = await readCatalogueFile();
  const path = join(folder, 'catalogue.json');
  const packs = file.packs.map((pack) =>
    pack.id === 'studio' ? Object.assign({}, pack, { credits: 1600 }) : pack,
  );
  await writeFile(path, JSON.stringify({ ...file, packs }));
  expect((await run('catalogue', path, '--dry-run')).text).toContain('new_version');
  expect((await run('catalogue', path)).text).toContain('studio/2');
  expect((await run('catalogue', path)).text).not.toContain('new_version');
  await writeFile(
    path,
    JSON.stringify({ ...file, packs: [{ id: 'x', name: 'X', credits: -1, prices: { usd: 1 } }] }),
  );
  await expect(run('catalogue', path)).rejects.toMatchObject({
    code: 'catalogue_invalid',
    message: expect.stringContaining('packs.0'),
  });
});

test('whoever replays, repairs, checks or changes the catalogue stands in the log, with the reason and what came of it', async () => {
  const lines = await listActions(payments.world.db, { limit: 50 });
  expect(lines.every(({ operator }) => operator.startsWith('cli '))).toBe(true);
  const of = (action: string) => lines.filter((line) => line.action === action);
  expect(of('replay_event')).toMatchObject([
    { reason: 'Ticket 12', outcome: 'done', before: { state: 'done' }, after: { state: 'done' } },
  ]);
  // Newest first: the repair for everybody, then the check of one person.
  expect(of('repair_payments')).toMatchObject([
    {
      subject: 'everybody',
      reason: 'Ticket 12',
      outcome: 'done',
      detail: expect.stringContaining('1 of 1 repaired'),
    },
    {
      subject: expect.stringMatching(/^per_/),
      outcome: 'done',
      before: { credits: '0' },
      after: { credits: '200' },
    },
  ]);
  expect(of('set_catalogue')[0]).toMatchObject({
    outcome: 'done',
    after: expect.arrayContaining(['studio/2']),
  });
});

test('every mail is written out to be looked at', async () => {
  await run('mails', join(folder, 'mails'));
  const files = await readdir(join(folder, 'mails'));
  expect(files).toContain('purchase.html');
  expect(await readFile(join(folder, 'mails', 'refund.txt'), 'utf8')).toContain('Your payment was refunded');
});
