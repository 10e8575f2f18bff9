/** What a command answers with: `--json` prints it as it is, otherwise its own words are printed. */
export interface CommandOutput {
  readonly json: unknown;
  readonly text: string;
}

/** Amounts are bigint inside and whole JSON numbers outside; an instant is ISO 8601 in UTC. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
}

export function print(output: CommandOutput, asJson: boolean): void {
  process.stdout.write(`${asJson ? toJson(output.json) : output.text}\n`);
}

type Cell = string | number | bigint | boolean | Date | null | undefined;

/** A table in plain text: columns as wide as their widest cell, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '  (none)';
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const numeric = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'bigint' || typeof row[column] === 'number'),
  );
  return cells
    .map((row) =>
      `  ${row
        .map((text, column) =>
          numeric[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join('  ')}`.trimEnd(),
    )
    .join('\n');
}

function cell(value: Cell): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return at(value);
  return String(value);
}

/** An instant as a supporter reads it: `2026-11-20 14:03:07 UTC`. */
export function at(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
