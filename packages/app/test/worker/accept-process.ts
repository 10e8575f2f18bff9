import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createPipeline, scriptedModel } from '../generations/pipeline.ts';
import { createScriptedProvider } from '../providers/scripted/provider.ts';
import { workerSetup } from './processes.ts';

/** Accepts one request of a person, with a key, in a process of its own. Prints the generation's id. */
const [personId = '', key = ''] = process.argv.slice(2);
const setup = workerSetup.read();
const log = createLogger({ level: 'silent' });
const db = createDatabase({ url: setup.databaseUrl, applicationName: 'accept process', log });
const provider = createScriptedProvider({ url: setup.serviceUrl });
const { deps } = await createPipeline({
  db,
  log,
  providers: [provider],
  storageDirectory: setup.storageDirectory,
});
const input = { prompt: 'a test', duration_seconds: 5 };
const accepted = await acceptGeneration(deps, {
  personId,
  key,
  request: { model: scriptedModel.id, input },
});
process.stdout.write(`${accepted.generation.id}\n`);
await db.end();
