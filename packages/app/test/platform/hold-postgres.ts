import { openEmbeddedPostgres } from '../../src/platform/embedded-postgres/open.ts';
import type { RunAsSetting } from '../../src/platform/embedded-postgres/run-as.ts';
import { HoldfastError } from '../../src/platform/errors.ts';

/**
 * A process that uses the embedded Postgres until its standard input ends, SIGTERM or SIGINT.
 * `hold-postgres.ts <data directory> [as]`; writes JSON lines: {url, cluster} when open, {said} for sentences, {code, message}.
 */
const [dataDirectory = '', runAs = 'auto'] = process.argv.slice(2);
const tell = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  const postgres = await openEmbeddedPostgres({
    dataDirectory,
    runAs: runAs as RunAsSetting,
    say: (said) => tell({ said }),
  });
  tell({ url: postgres.adminUrl('postgres'), cluster: postgres.cluster });
  const keepAlive = setInterval(() => {}, 60_000);
  const leave = () => {
    clearInterval(keepAlive);
    process.stdin.destroy();
    postgres.close().then(
      () => tell({ closed: true }),
      (error: unknown) => tell({ failed: String(error) }),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, leave);
  process.stdin.once('end', leave).resume();
} catch (error) {
  if (!(error instanceof HoldfastError)) throw error;
  tell({ code: error.code, message: error.message });
}
