import { MultiBar, Presets, type SingleBar } from 'cli-progress';

export interface ProgressLine {
  /** `done` of the line's total; never moves back. */
  update(done: number, note?: string): void;
  stop(): void;
}

export interface Progress {
  line(label: string, total: number): ProgressLine;
  stop(): void;
}

/**
 * Progress of long work on standard error, so that standard output stays what the command answers: bars in a terminal, a line at
 * each tenth elsewhere, nothing when `quiet`.
 */
export function createProgress(quiet: boolean): Progress {
  if (quiet) return { line: () => ({ update: () => {}, stop: () => {} }), stop: () => {} };
  return process.stderr.isTTY ? bars() : lines();
}

function bars(): Progress {
  const multi = new MultiBar(
    {
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: false,
      format: '  {label} {bar} {percentage}%  {note}',
    },
    Presets.rect,
  );
  return {
    line(label, total) {
      const bar: SingleBar = multi.create(total, 0, { label: label.padEnd(16), note: '' });
      return {
        update: (done, note) => bar.update(Math.min(done, total), note === undefined ? {} : { note }),
        stop: () => bar.stop(),
      };
    },
    stop: () => multi.stop(),
  };
}

function lines(): Progress {
  return {
    line(label, total) {
      let told = -1;
      return {
        update(done, note) {
          const tenth = Math.floor((Math.min(done, total) / Math.max(total, 1)) * 10);
          if (tenth <= told) return;
          told = tenth;
          process.stderr.write(`  ${label}: ${tenth * 10}%${note ? `  ${note}` : ''}\n`);
        },
        stop: () => {},
      };
    },
    stop: () => {},
  };
}
