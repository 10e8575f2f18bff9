import type { Telegram } from './telegram.ts';

/** It did not come to that. */
export class NotSeen extends Error {}

const usual_patience_ms = 20_000;

/** Looks now, and after each change or call, until it finds something. @throws NotSeen with `what` in it after `patienceMs` */
export function untilSeen<T>(
  telegram: Pick<Telegram, 'state'>,
  what: string,
  look: () => T | null | undefined | false,
  patienceMs = usual_patience_ms,
): Promise<T> {
  const { watchers } = telegram.state;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      watchers.delete(watch);
      clearTimeout(timer);
    };
    const watch = (): void => {
      try {
        const found = look();
        if (found === null || found === undefined || found === false) return;
        stop();
        resolve(found);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const timer = setTimeout(() => {
      stop();
      reject(new NotSeen(`not seen within ${patienceMs} ms: ${what}`));
    }, patienceMs);
    watchers.add(watch);
    watch();
  });
}
