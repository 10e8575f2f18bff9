import { parseArgs } from 'node:util';
import { removals } from '../src/platform/test-switch.ts';
import type { Removal } from '../src/platform/test-switch.ts';

export interface StormOptions {
  /** Generations to be accepted. */
  readonly generations: number;
  /** Processes and databases that die by -9. */
  readonly kills: number;
  readonly seed: number;
  /** One object on stdout, and nothing else there. */
  readonly json: boolean;
  /** Deadlines, waits and the vendors' running times are so many times shorter. */
  readonly timeScale: number;
  /** In the end, an hour of the database's clock in which one vendor's account is dry. */
  readonly dryHour: boolean;
  /** Leaves the folder with every process' log where it is. */
  readonly keep: boolean;
  /** A protection that is taken away, to see that the checks notice. */
  readonly without: Removal | null;
}

export const usage = `Usage: npm run storm -- [--generations 120] [--kills 12] [--seed 1] [--json] [--time-scale 3] [--keep] [--without ${removals.join('|')}]`;

/** @throws Error with a sentence where an argument can't be understood */
export function readOptions(args: readonly string[]): StormOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      generations: { type: 'string', default: '120' },
      kills: { type: 'string', default: '12' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      'time-scale': { type: 'string', default: '3' },
      keep: { type: 'boolean', default: false },
      without: { type: 'string' },
    },
  });
  const { without } = values;
  if (without !== undefined && !(removals as readonly string[]).includes(without)) {
    throw new Error(`--without takes one of ${removals.join(', ')}.`);
  }
  return {
    generations: number('--generations', values.generations, 1, 100_000, true),
    kills: number('--kills', values.kills, 0, 10_000, true),
    seed: number('--seed', values.seed, 0, 2 ** 32 - 1, true),
    json: values.json,
    timeScale: number('--time-scale', values['time-scale'], 0.1, 20, false),
    dryHour: true,
    keep: values.keep,
    without: (without as Removal | undefined) ?? null,
  };
}

function number(name: string, text: string, least: number, most: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value)))
    return value;
  throw new Error(`${name} takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
}
