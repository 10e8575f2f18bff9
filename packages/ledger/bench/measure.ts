import { cpuNow, cpuSince } from './cpu.ts';

export type Measured = {
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  server_us: number;
  client_us: number;
};

const cluster = process.env['TEST_PGDATA'];

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Runs `work` from `clients` clients, one call after the other each, after a short warm-up. */
export async function measure(
  clients: number,
  seconds: number,
  work: () => Promise<unknown>,
): Promise<Measured> {
  await during(clients, Math.min(0.4, seconds / 4), work);
  const before = cpuNow(cluster);
  const { durations, elapsed } = await during(clients, seconds, work);
  const cpu = cpuSince(before, cpuNow(cluster));
  durations.sort((a, b) => a - b);
  const at = (part: number): number => durations[Math.floor(durations.length * part)] ?? 0;
  return {
    per_second: round(durations.length / elapsed),
    p50_ms: round(at(0.5)),
    p99_ms: round(at(0.99)),
    server_us: Math.round(cpu.server_us / durations.length),
    client_us: Math.round(cpu.client_us / durations.length),
  };
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
