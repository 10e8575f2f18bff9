import { textOf, textOrNull, type Row } from './rows.ts';

/**
 * What a write answers, asked for as one text instead of twenty columns, which is a fifth of a call's cost. Times go beside
 * it, as binary in hex: how they read as text depends on the session.
 */
export const outcomeOf = (call: string): string =>
  `select ${outcomeColumns} from (select ${call} as o offset 0) x`;

export const outcomeColumns = `o::text as outcome, encode(timestamptz_send((o).at), 'hex') as at,
  encode(timestamptz_send((o).lease_until), 'hex') as lease_until`;

const names = (
  'account operation kind at replayed refusal refusal_data amount total held debt upcoming ' +
  'hold hold_amount hold_state captured released lease_until places amounts detail'
).split(' ');

/** The outcome's fields by name. */
export function outcomeRow(row: Row): Row {
  const fields = compositeFields(textOf(row, 'outcome'));
  const outcome: Row = {};
  for (let index = 0; index < names.length; index += 1) outcome[names[index] ?? ''] = fields[index];
  outcome['replayed'] = outcome['replayed'] === 't' ? 'true' : 'false';
  outcome['at'] = stampText(textOrNull(row, 'at'));
  outcome['lease_until'] = stampText(textOrNull(row, 'lease_until'));
  return outcome;
}

const year2000Ms = 946_684_800_000;

/** Milliseconds since 1970 of eight bytes of microseconds since 2000; infinity is no time. */
export function stampText(hex: string | null | undefined): string | null {
  if (hex === null || hex === undefined || hex.startsWith('7ff')) return null;
  return String(year2000Ms + Math.floor(Number(BigInt.asIntN(64, BigInt(`0x${hex}`))) / 1000));
}

/** The fields of a row as Postgres writes it: `(1,"two, or ""three""",)`. */
function compositeFields(text: string): (string | null)[] {
  const fields: (string | null)[] = [];
  const end = text.length - 1;
  let at = 1;
  while (at <= end) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      fields.push(text.slice(at + 1, close).replaceAll(/""|\\\\/g, (pair) => pair.slice(1)));
      at = close + 2;
    } else {
      const comma = text.indexOf(',', at);
      const next = comma === -1 ? end : comma;
      fields.push(next === at ? null : text.slice(at, next));
      at = next + 1;
    }
  }
  return fields;
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
