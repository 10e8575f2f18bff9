import { once } from 'node:events';
import { z } from 'zod';
import type { App } from '../../src/http/services.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { openDatabase } from '../../src/platform/open-database.ts';
import { openContext } from '../../src/start.ts';
import { settlePort, startServer } from '../../src/start-server.ts';

const config = await settlePort(readConfig(process.env));
const database = await openDatabase({ config });
const context = await openContext(config, database, createLogger({ level: 'info' }));

/** One row by one statement: what accepting is compared with. */
function bareInsert(app: App): void {
  app.post('/bench/insert', {
    schema: { hide: true, body: z.strictObject({ body: z.string().max(1_000) }) },
    handler: async (request, reply) => {
      const { rows } = await context.db.query<{ id: bigint }>({
        name: 'bench.insert',
        text: 'insert into bench.row (body) values ($1) returning id',
        values: [request.body.body],
      });
      return reply.code(201).send({ id: String(rows[0]?.id) });
    },
  });
}

const server = await startServer(context, { extend: bareInsert });
process.send?.({ url: server.url });
await once(process, 'SIGTERM');
await server.stop();
await context.close();
await database.close();
