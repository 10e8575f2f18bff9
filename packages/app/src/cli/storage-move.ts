import { moveStorage } from '../delivery/storage/move.ts';
import { storageNamed } from '../configured-storage.ts';
import type { CommandContext } from './run.ts';
import type { CommandOutput } from './output.ts';
import type { Progress } from './progress.ts';

type Place = 'file-system' | 's3';

/** `holdfast storage move s3`: copies every stored file, and proves each. Exit code 1 where one is missing or wrong. */
export async function storageMove(
  { context, config }: CommandContext,
  to: Place,
  progress: Progress,
): Promise<CommandOutput & { violations: number }> {
  const from: Place = to === 's3' ? 'file-system' : 's3';
  const line = progress.line(`to ${to}`, 1_000);
  const report = await moveStorage(
    context.db,
    { from: storageNamed(config, from), to: storageNamed(config, to) },
    (done, all) => line.update(Math.floor((1_000 * done) / all), `${done} of ${all} files`),
  );
  line.stop();
  progress.stop();
  const violations = report.missing.length + report.wrong.length;
  return {
    json: report,
    violations,
    text: [
      `${report.objects} files: ${report.copied} copied, ${report.present} there already, ${(report.bytes / 1e6).toFixed(1)} MB in all.`,
      violations === 0
        ? 'Every file was read back and is what its name says.'
        : `${report.missing.length} are missing and ${report.wrong.length} are wrong: ${[...report.missing, ...report.wrong].slice(0, 10).join(', ')}`,
      `Checksum over all: ${report.checksum}`,
      'Nothing was removed from where it was.',
    ].join('\n'),
  };
}
