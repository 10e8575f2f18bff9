import { Agent, request } from 'node:http';

export interface Shot {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Makes the next request. Each is another one. */
export type Shots = () => Shot;

export interface Times {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

const connections = 16;

/** Answers a second that so many connections get, each asking again as soon as it was answered. */
export async function throughput(url: string, next: Shots, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  let answered = 0;
  const ask = async () => {
    while (performance.now() < end) {
      await shoot(agent, url, next());
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  const took_seconds = (performance.now() - begun) / 1_000;
  agent.destroy();
  return answered / took_seconds;
}

/** Requests sent when they are due, whether or not earlier ones were answered, and timed from when they were due. */
export async function atRate(url: string, next: Shots, perSecond: number, seconds: number): Promise<Times> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const total = perSecond * seconds;
  const times: number[] = [];
  const begun = performance.now();
  const timed = async (due: number) => {
    await shoot(agent, url, next());
    times.push(performance.now() - due);
  };
  const open: Promise<void>[] = [];
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1_000) * perSecond) + 1);
    for (; sent < due; sent += 1) open.push(timed(begun + (sent / perSecond) * 1_000));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  agent.destroy();
  times.sort((one, other) => one - other);
  return { p50_ms: quantile(times, 0.5), p99_ms: quantile(times, 0.99) };
}

function shoot(agent: Agent, url: string, { method, path, headers, body }: Shot): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent }, (response) => {
      response.resume();
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve();
        else reject(new Error(`${method} ${path} answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return Math.round(value * 100) / 100;
}
