import { LedgerError, type Ledger } from '../../src/index.ts';
import { Model, type Command } from '../../src/model.ts';
import { differenceOf, pictureInDatabase, pictureInModel } from './compare.ts';
import type { TestLedger } from './database.ts';
import { commandOf, runOn, type Draw } from './histories.ts';
import { Difference } from './sequential.ts';

const commandsPerRound = 12;

/**
 * Several clients at once on several connections, some batching, some calls sent twice with one key. Afterwards the
 * journal says in which order the database decided; the model replays that order and must come to the same end.
 */
export async function playInterleaved(
  t: TestLedger,
  ledgers: Ledger[],
  name: string,
  draws: Draw[],
  start: number,
): Promise<number> {
  const model = new Model(start);
  await t.stopClock(new Date(start));
  const names = [`${name}-a`, `${name}-b`, `${name}-c`];
  for (const account of names) {
    const command: Command = { kind: 'open_account', account, key: 'ledger:open' };
    model.run(command);
    await runOn(t.ledger, command);
  }
  const seen = new Map(names.map((account) => [account, 1]));
  let played = 0;
  for (let first = 0; first < draws.length; first += commandsPerRound) {
    const commands = new Map<string, Command>();
    const round = draws.slice(first, first + commandsPerRound);
    for (const [index, draw] of round.entries()) {
      if (draw.action === 'repeat') continue;
      const command = commandOf(draw, model, names, `${first + index}`, []);
      if (command !== null) commands.set(command.key, command);
    }
    await t.stopClock(new Date(model.now));
    await Promise.all(
      [...commands.values()].flatMap((command, index) => {
        const ledger = ledgers[index % ledgers.length] ?? t.ledger;
        const again = ledgers[(index + 1) % ledgers.length] ?? t.ledger;
        return index % 4 === 0 ? [play(ledger, command), play(again, command)] : [play(ledger, command)];
      }),
    );
    played += commands.size;
    await replay(t, model, names, seen, commands);
    for (const account of names) {
      const state = model.account(account);
      const found = await pictureInDatabase(t.admin, account, 0);
      const difference = differenceOf(pictureInModel(state, 0), found);
      if (difference !== null)
        throw new Difference(`round ${first / commandsPerRound}: ${account}: ${difference}`);
    }
  }
  return played;
}

/** What is refused or raised leaves no operation; deadlocks between the caller's own calls may be told. */
async function play(ledger: Ledger, command: Command): Promise<void> {
  try {
    await runOn(ledger, command);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
}

type Written = { account: string; key: string | null; kind: string };

async function replay(
  t: TestLedger,
  model: Model,
  names: string[],
  seen: Map<string, number>,
  commands: Map<string, Command>,
): Promise<void> {
  const queues = new Map<string, Written[]>();
  for (const account of names) {
    const { rows } = await t.admin.query<Written>(
      `select a.id as account, o.key, o.kind from ledger.operation o join ledger.account a on a.account_no = o.account_no
       where a.id = $1 and o.seq > $2 order by o.seq`,
      [account, seen.get(account)],
    );
    seen.set(account, (seen.get(account) ?? 0) + rows.length);
    queues.set(
      account,
      rows.filter((row) => row.key !== null),
    );
  }
  const heads = (): Written[] => names.flatMap((account) => queues.get(account)?.slice(0, 1) ?? []);
  for (let next = heads(); next.length > 0; next = heads()) {
    const ready = next.find(
      (head) =>
        !head.kind.startsWith('merge') ||
        next.filter((other) => other.key === head.key && other.kind.startsWith('merge')).length === 2,
    );
    if (ready === undefined)
      throw new Difference('the journals of merged accounts disagree about their order');
    const command = commands.get(ready.key ?? '');
    if (command === undefined) throw new Difference(`nobody asked for ${ready.kind} ${ready.key}`);
    const answer = model.run(command);
    if (!answer.ok)
      throw new Difference(`the database did ${ready.kind} ${ready.key}, the model says ${answer.code}`);
    for (const head of next) {
      if (head === ready || (head.key === ready.key && ready.kind.startsWith('merge')))
        queues.get(head.account)?.shift();
    }
  }
  // what was due may have been booked by a write that was then refused
  for (const account of names) {
    const state = model.accounts.get(account);
    if (state !== undefined && state.operations.length < (seen.get(account) ?? 0)) model.book(account);
  }
}
