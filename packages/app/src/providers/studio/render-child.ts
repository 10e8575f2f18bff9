import { readFile, rename, writeFile } from 'node:fs/promises';
import { StudioError } from './errors.ts';
import { render } from './render.ts';
import { filesOf } from './render-process.ts';
import { parseStudioRequest } from './request.ts';

/** The process beside the server that draws: reads the request from its folder, tells frames done on stdout, leaves the result in the folder. */
async function main(folder: string): Promise<void> {
  const files = filesOf(folder);
  // The other end of stdin is the process that started this one: when that dies, nobody waits for the film.
  process.stdin.on('close', () => process.kill(-process.pid, 'SIGKILL'));
  process.stdin.resume();
  const leave = async (outcome: unknown): Promise<void> => {
    await writeFile(`${files.result}.tmp`, JSON.stringify(outcome), { flush: true });
    await rename(`${files.result}.tmp`, files.result);
  };
  try {
    const job = parseStudioRequest(JSON.parse(await readFile(files.request, 'utf8')));
    const file = await render(job, {
      outFile: 'seconds' in job ? files.video : files.image,
      posterFile: files.poster,
      onProgress: (done, total) => process.stdout.write(`${done}/${total}\n`),
    });
    await leave({ ok: true, file });
  } catch (error) {
    const code = error instanceof StudioError ? error.code : 'render_failed';
    await leave({ ok: false, code, message: error instanceof Error ? error.message : String(error) });
  }
  process.exit(0);
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('the folder of the attempt is missing');
await main(folder);
