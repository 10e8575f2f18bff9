import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { balanceOf, type ModelAccount } from '../../src/model.ts';

type Picture = {
  balance: unknown;
  lots: unknown;
  holds: unknown;
  operations: unknown[];
  lastOperation: number;
};

const stateStatement = `
  select json_build_object(
    'balance', json_build_object('total', a.total::text, 'held', a.held::text, 'debt', a.debt::text,
      'upcoming', a.upcoming::text),
    'lastOperation', a.last_seq,
    'lots', (select coalesce(json_agg(json_build_array(l.lot, l.class, l.priority, l.started, l.granted::text,
        l.remaining::text, l.held::text, l.consumed::text, l.refunded::text, l.expired::text, l.voided::text,
        l.clawed_back::text, l.moved::text, l.claim::text, l.payment,
        case when l.expires_at < 'infinity' then round(extract(epoch from l.expires_at) * 1000)::bigint end)
        order by l.lot), '[]') from ledger.lot l where l.account_no = a.account_no),
    'holds', (select coalesce(json_agg(json_build_array(h.hold, h.state, h.amount::text, h.captured::text,
        h.released::text, h.refunded::text) order by h.hold), '[]') from ledger.hold h where h.account_no = a.account_no),
    'operations', (select coalesce(json_agg(json_build_array(o.seq, o.kind,
        round(extract(epoch from o.at) * 1000)::bigint, o.amount::text, o.total::text, o.held::text, o.debt::text,
        o.upcoming::text, o.entry_place, o.entry_amount::text[]) order by o.seq), '[]')
      from ledger.operation o where o.account_no = a.account_no and o.seq > $2)
  )::text as state
  from ledger.account a where a.id = $1`;

/** What the database holds of an account, from operation `after` on. */
export async function pictureInDatabase(pool: pg.Pool, account: string, after: number): Promise<Picture> {
  const { rows } = await pool.query<{ state: string }>({
    name: 'picture',
    text: stateStatement,
    values: [account, after],
  });
  const state = JSON.parse(rows[0]?.state ?? 'null') as Picture;
  return { ...state, operations: state.operations.map((row) => normalOperation(row as unknown[])) };
}

/** Legs by place: their order within an operation is a matter of taste. */
function normalLegs(places: number[], amounts: string[]): [number, string][] {
  const sums = new Map<number, bigint>();
  places.forEach((place, index) => sums.set(place, (sums.get(place) ?? 0n) + BigInt(amounts[index] ?? 0)));
  return [...sums]
    .filter(([, amount]) => amount !== 0n)
    .toSorted(([a], [b]) => a - b)
    .map(([place, amount]) => [place, amount.toString()]);
}

function normalOperation(row: unknown[]): unknown[] {
  return [...row.slice(0, 8), normalLegs(row[8] as number[], row[9] as string[])];
}

/** The same of the model's account. */
export function pictureInModel(account: ModelAccount, after: number): Picture {
  const { total, held, debt, upcoming } = balanceOf(account);
  return {
    balance: { total: `${total}`, held: `${held}`, debt: `${debt}`, upcoming: `${upcoming}` },
    lots: account.lots.map((lot) => [
      lot.id,
      lot.class,
      lot.priority,
      lot.started,
      ...[lot.granted, lot.remaining, lot.held, lot.consumed, lot.refunded, lot.expired, lot.voided].map(
        String,
      ),
      ...[lot.clawedBack, lot.moved, lot.claim].map(String),
      lot.payment,
      lot.expiresAt === Infinity ? null : lot.expiresAt,
    ]),
    holds: [...account.holds.values()].map((hold) => [
      hold.id,
      hold.state,
      `${hold.amount}`,
      `${hold.captured}`,
      `${hold.released}`,
      `${hold.refunded}`,
    ]),
    operations: account.operations.slice(after).map((operation, index) => [
      after + index + 1,
      operation.kind,
      operation.at,
      `${operation.amount}`,
      `${operation.balance.total}`,
      `${operation.balance.held}`,
      `${operation.balance.debt}`,
      `${operation.balance.upcoming}`,
      normalLegs(
        operation.legs.map((leg) => leg.place),
        operation.legs.map((leg) => leg.amount.toString()),
      ),
    ]),
    lastOperation: account.operations.length,
  };
}

/** The first part in which two pictures differ, or null; of a list its first row that differs. */
export function differenceOf(expected: Picture, found: Picture): string | null {
  for (const part of ['operations', 'lots', 'holds', 'balance', 'lastOperation'] as const) {
    const [said, is] = firstDifference(expected[part], found[part]);
    if (!isDeepStrictEqual(said, is)) {
      return `${part}: the model says ${JSON.stringify(said)}, the database ${JSON.stringify(is)}`;
    }
  }
  return null;
}

function firstDifference(expected: unknown, found: unknown): [unknown, unknown] {
  if (!Array.isArray(expected) || !Array.isArray(found)) return [expected, found];
  const longest = Math.max(expected.length, found.length);
  for (let index = 0; index < longest; index += 1) {
    if (!isDeepStrictEqual(expected[index], found[index])) return [expected[index], found[index]];
  }
  return [null, null];
}
