import type { OperationsDeps } from '../operations/deps.ts';
import { reportGeneration } from '../operations/reports.ts';
import type { GenerationReport } from '../operations/reports.ts';
import { at, table } from './output.ts';
import type { CommandOutput } from './output.ts';

/** `holdfast generations show <id>`: one generation with its receipt, its attempts, and the provider's own words. */
export async function generationsShow(deps: OperationsDeps, id: string): Promise<CommandOutput> {
  const report = await reportGeneration(deps, id);
  return { json: report, text: words(report) };
}

function words({ person, generation, attempts, error_detail }: GenerationReport): string {
  const { receipt, outputs, error } = generation;
  const lines = [
    `${generation.id}  ${generation.status}  ${generation.kind} by ${generation.model}, for ${person}`,
    ...generation.timeline.map((step) => `  ${at(step.at)}  ${step.status}`),
    '',
    `Receipt (${receipt.policy}, price ${receipt.price_version}):`,
    `  quoted ${receipt.quoted}, held ${receipt.held}, captured ${receipt.captured}, released ${receipt.released}, refunded ${receipt.refunded}, charged ${receipt.charged}${receipt.owed > 0n ? `, owed ${receipt.owed}` : ''}`,
    `  ${receipt.summary}`,
    '',
    'Attempts:',
    table(
      ['#', 'state', 'provider', 'task', 'submitted', 'ended', 'cost usd', 'error'],
      attempts.map((each) => [
        each.number,
        each.state,
        each.provider,
        each.task,
        each.submitted_at,
        each.ended_at,
        each.cost_usd,
        each.error,
      ]),
    ),
    '',
    'Files:',
    table(
      ['asset', 'type', 'bytes', 'size', 'seconds', 'sha256'],
      outputs.map((each) => [
        each.id,
        each.content_type,
        each.bytes,
        `${each.width}x${each.height}`,
        each.duration_seconds,
        each.sha256.slice(0, 16),
      ]),
    ),
  ];
  if (error) lines.push('', `Told to the person: ${error.message}`, `Really: ${error_detail ?? error.code}`);
  return lines.join('\n');
}
