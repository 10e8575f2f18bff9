import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After a collection the heap may grow by so many percent before the next one: what is worked here lives for milliseconds, and is soon let go. */
const growth_percent = 30;

/**
 * Keeps V8 from setting aside 100 MB and more for objects that are long dead, which it does on machines with much memory and gives back to
 * nobody. What is served and worked here is short-lived and small: nothing gets slower. To be called before anything is loaded.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--heap-growing-percent=${growth_percent}`);
}

/**
 * Once a process has started: frees what only starting needed. Also the first measure of what it really uses, without which V8 takes the
 * machine's memory for its own.
 */
export function settleHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
