export type Measured = { per_second: number; p50_ms: number; p99_ms: number };

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Runs `work` from `clients` clients, one call after the other each, after a short warm-up. */
export async function measure(
  clients: number,
  seconds: number,
  work: () => Promise<unknown>,
): Promise<Measured> {
  await during(clients, Math.min(0.4, seconds / 4), work);
  const { durations, elapsed } = await during(clients, seconds, work);
  durations.sort((a, b) => a - b);
  const at = (part: number): number => durations[Math.floor(durations.length * part)] ?? 0;
  return { per_second: round(durations.length / elapsed), p50_ms: round(at(0.5)), p99_ms: round(at(0.99)) };
}

async function during(clients: number, seconds: number, work: () => Promise<unknown>) {
  const durations: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const client = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      await work();
      const after = performance.now();
      durations.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { durations, elapsed: (performance.now() - start) / 1000 };
}
