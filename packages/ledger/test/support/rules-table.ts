import { mutants } from './mutants.ts';

/** docs/rules.md: each rule, the test that holds it, and the change that breaks it and is seen to. */
export function rulesTable(): string {
  const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll(/\s+/g, ' ');
  const rows = mutants.map(
    ({ name, rule, test: [file, test], changes }) =>
      `| ${cell(rule)} | \`${file}\`: ${cell(test)} | \`${name}\` in ${changes.map(([changed]) => `\`ledger.${changed}\``).join(', ')} |`,
  );
  return [
    '# The rules and what holds them',
    '',
    'Made from `test/support/mutants.ts`. `npm run test:mutants` applies each change to the SQL and wants the test beside it',
    'to fail. Beside these, random histories of all operations are compared with `src/model.ts` (`npm run test:model`), and',
    'clients and the database are killed under load (`npm run test:kill`).',
    '',
    '| Rule | Test | Change that is seen to break it |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
