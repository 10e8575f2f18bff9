import type { Provider } from '../../src/providers/port.ts';

/** A one-pixel PNG: what is made costs nothing to make and next to nothing to look at. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A paid provider that has made everything before it is asked: what remains is the pipeline itself. */
export function createZeroProvider(): Provider {
  let tasks = 0;
  const run = process.pid.toString(36);
  return {
    id: 'zero',
    capabilities: {
      idempotentSubmit: false,
      cancel: false,
      webhooks: false,
      balance: false,
      list: false,
      paid: true,
      concurrencyPerMachine: null,
    },
    async submit() {
      tasks += 1;
      return { kind: 'accepted', taskId: `${run}-${tasks}` };
    },
    async status(task) {
      const output = {
        kind: 'image',
        url: `https://zero.invalid/${task.taskId}.png`,
        posterUrl: null,
      } as const;
      return { state: 'succeeded', outputs: [output], actualCostUsd: null };
    },
    async fetchOutput() {
      return new Blob([pixel]).stream();
    },
    classify: () => 'SYSTEM',
  };
}
