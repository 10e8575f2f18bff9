#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { migrate } from '../../../src/platform/migrate.ts';
import { appRole } from '../../../src/platform/migrations/roles.ts';
import { stormPayments } from './storm.ts';

/** `npm run storm:payments -- --purchases 1000 --seed 1 --json`. Exit code 1 on any violation. */
const { values } = parseArgs({
  options: {
    purchases: { type: 'string', default: '200' },
    kills: { type: 'string' },
    servers: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const purchases = Number(values.purchases);
const kills = values.kills === undefined ? Math.max(1, Math.round(purchases / 50)) : Number(values.kills);
const [servers, seed] = [Number(values.servers), Number(values.seed)];
const ownerUrl = process.env['DATABASE_URL'];
if (
  ![purchases, kills, servers, seed].every(Number.isInteger) ||
  purchases < 1 ||
  servers < 1 ||
  ownerUrl === undefined
) {
  console.error(
    'Usage: npm run storm:payments -- [--purchases 200] [--kills n] [--servers 3] [--seed 1] [--json]',
  );
  process.exit(2);
}
await migrate({ ownerUrl });
const begun = performance.now();
const { found, ...report } = await stormPayments({
  databaseUrl: `${ownerUrl}?options=${encodeURIComponent(`-c role=${appRole}`)}`,
  purchases,
  kills,
  servers,
  seed,
  say: (line) =>
    console.error(`${String(Math.round((performance.now() - begun) / 1000)).padStart(4)} s  ${line}`),
});
for (const violation of found.slice(0, 100)) console.error(`VIOLATION ${violation}`);
console.error(report.violations === 0 ? 'No violations.' : `${report.violations} violations.`);
if (values.json) console.log(JSON.stringify(report));
process.exitCode = report.violations > 0 ? 1 : 0;
