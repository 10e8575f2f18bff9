import { isDeepStrictEqual } from 'node:util';
import type { Ledger } from '../../src/index.ts';
import { Model, type Answer, type Command } from '../../src/model.ts';
import { differenceOf, pictureInDatabase, pictureInModel } from './compare.ts';
import type { TestLedger } from './database.ts';
import { commandOf, runOn, type Draw } from './histories.ts';

export class Difference extends Error {}

/**
 * Plays one history on model and database, one command after the other, and compares answers, balances, lots, holds and
 * entries after each.
 * @param name makes its accounts and payments its own
 * @returns how many commands were played
 */
export async function playSequence(
  t: TestLedger,
  ledger: Ledger,
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
    await runOn(ledger, command);
  }
  const seen = new Map<string, number>();
  const used: Command[] = [];
  let now = start;
  let played = 0;
  for (const [index, draw] of draws.entries()) {
    const command = commandOf(draw, model, names, `${index}`, used);
    if (model.now !== now) {
      now = model.now;
      await t.stopClock(new Date(now));
    }
    if (command === null) continue;
    used.push(command);
    const expected = model.run(command);
    const found = await runOn(ledger, command);
    played += 1;
    const wrong = answersDiffer(expected, found);
    if (wrong !== null) throw new Difference(`${index}: ${text(command)}: ${wrong}`);
    const touched = command.kind === 'merge' ? [command.account, command.into] : [payerOf(model, command)];
    for (const account of touched) {
      const state = model.accounts.get(account);
      if (state === undefined) continue;
      const after = seen.get(account) ?? 0;
      const picture = await pictureInDatabase(t.admin, account, after);
      // a batch books what is due first, also where an item is then answered by what is stored, or is misuse
      const did = expected.ok && expected.replayed !== true;
      if (!did && picture.lastOperation > state.operations.length) model.book(account);
      const difference = differenceOf(pictureInModel(state, after), picture);
      if (difference !== null) throw new Difference(`${index}: ${text(command)}: ${account}: ${difference}`);
      seen.set(account, state.operations.length);
    }
  }
  for (const account of names) await compareReading(t, model, account);
  return played;
}

function payerOf(model: Model, command: Command): string {
  return command.kind === 'clawback'
    ? (model.payments.get(command.payment)?.account ?? command.account)
    : command.account;
}

/** A read before anything due was booked says what the model says after booking it. */
async function compareReading(t: TestLedger, model: Model, account: string): Promise<void> {
  const settled = model.settled(account);
  const found = await t.ledger.balance({ account });
  const said = pictureInModel(settled, settled.operations.length).balance;
  const read = {
    total: `${found.total}`,
    held: `${found.held}`,
    debt: `${found.debt}`,
    upcoming: `${found.upcoming}`,
  };
  if (settled.frozenAt === null && !isDeepStrictEqual(said, read)) {
    throw new Difference(`reading ${account}: the model says ${text(said)}, the database ${text(read)}`);
  }
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));

function answersDiffer(expected: Answer, found: Answer): string | null {
  const view = (answer: Answer): string =>
    answer.ok
      ? text({ operation: answer.operation, replayed: answer.replayed ?? false })
      : text({ code: answer.code });
  return view(expected) === view(found)
    ? null
    : `the model answers ${view(expected)}, the database ${view(found)}`;
}
