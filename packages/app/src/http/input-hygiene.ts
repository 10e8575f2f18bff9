import { RequestError } from './errors.ts';
import type { App } from './services.ts';

/** Text that no database can keep: a NUL, or half of a surrogate pair. Refused at the door, wherever it stands. */
export function registerInputHygiene(app: App): void {
  app.addHook('preValidation', async (request) => {
    for (const [part, value] of [
      ['path', request.params],
      ['query', request.query],
      ['body', request.body],
    ] as const) {
      if (isClean(value, 0)) continue;
      throw new RequestError(
        'invalid_input',
        `The ${part} contains text that is not valid Unicode, or a NUL.`,
      );
    }
  });
}

function isClean(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return true;
  if (depth > 20) return false;
  return Object.entries(value).every(([name, field]) => isClean(name, depth) && isClean(field, depth + 1));
}
