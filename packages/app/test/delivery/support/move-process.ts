import { createFileStorage } from '../../../src/delivery/storage/file-system.ts';
import { moveStorage } from '../../../src/delivery/storage/move.ts';
import { createS3Storage } from '../../../src/delivery/storage/s3.ts';
import { createDatabase } from '../../../src/platform/database.ts';
import { createLogger } from '../../../src/platform/logger.ts';

/** Moves, and says after each file how many are done: to be killed in the middle. */
const [, , databaseUrl = '', directory = '', endpoint = ''] = process.argv;
const db = createDatabase({
  url: databaseUrl,
  applicationName: 'move',
  log: createLogger({ level: 'silent' }),
});
const to = createS3Storage({
  bucket: 'holdfast',
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  cacheDirectory: `${directory}/cache`,
});
await moveStorage(db, { from: createFileStorage({ directory }), to }, (done) => console.log(`done ${done}`));
await db.end();
to.close();
