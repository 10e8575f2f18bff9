import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask, askUntil, Holder, postmasterPid, runs, temporaryFolder } from './holder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let data: string;
let holders: Holder[];

beforeEach(() => {
  folder = temporaryFolder();
  data = join(folder.path, '.holdfast');
  holders = [];
});

afterEach(async () => {
  await Promise.all(holders.map((holder) => holder.end('SIGKILL')));
  folder.remove([join(data, 'postgres')]);
});

function hold(): Holder {
  const holder = new Holder(data);
  holders.push(holder);
  return holder;
}

test('processes share one server; the last to leave stops it, cleanly', async () => {
  const first = hold();
  const url = await first.line('url');
  const cluster = await first.line('cluster');
  await ask(url, 'create table kept as select 42 as answer');
  const pid = postmasterPid(cluster);
  const second = hold();
  expect(await second.line('url')).toBe(url);
  await first.end('SIGTERM');
  expect(first.lines.at(-1)).toEqual({ closed: true });
  expect(await ask(url, 'select answer from kept')).toBe(42);
  expect(postmasterPid(cluster)).toBe(pid);
  await second.end('SIGINT');
  expect(second.lines.at(-1)).toEqual({ closed: true });
  expect(runs(pid)).toBe(false);
  const third = hold();
  expect(await ask(await third.line('url'), 'select answer from kept')).toBe(42);
  expect(readFileSync(join(data, 'postgres.log'), 'utf8')).not.toMatch(/not properly shut down|recovery/);
});

test('started by five at the same moment, there is still one server', async () => {
  const five = [hold(), hold(), hold(), hold(), hold()];
  const urls = await Promise.all(five.map((holder) => holder.line('url')));
  expect(new Set(urls).size).toBe(1);
  expect(await Promise.all(urls.map((url) => ask(url)))).toEqual([1, 1, 1, 1, 1]);
  const pid = postmasterPid(join(data, 'postgres'));
  await Promise.all(five.map((holder) => holder.end()));
  expect(five.map((holder) => holder.lines.at(-1)?.closed)).toEqual([true, true, true, true, true]);
  expect(runs(pid)).toBe(false);
});

test('an orphan, left by kill -9 of its only user, is taken over and in the end stopped', async () => {
  const first = hold();
  const cluster = await first.line('cluster');
  const pid = postmasterPid(cluster);
  await first.end('SIGKILL');
  expect(runs(pid)).toBe(true);
  const second = hold();
  expect(await ask(await second.line('url'))).toBe(1);
  expect(postmasterPid(cluster)).toBe(pid);
  await second.end('SIGTERM');
  expect(runs(pid)).toBe(false);
});

test('after kill -9 of the server it is started again at the same address, once, whoever notices', async () => {
  const both = [hold(), hold()];
  const [url = ''] = await Promise.all(both.map((holder) => holder.line('url')));
  await ask(url, 'create table kept as select 42 as answer');
  const cluster = await hold().line('cluster');
  const pid = postmasterPid(cluster);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => runs(pid)).toBe(false);
  expect(await askUntil(url, 20_000)).toBe(1);
  expect(await ask(url, 'select answer from kept')).toBe(42);
  expect(postmasterPid(cluster)).not.toBe(pid);
});

test('a pid file whose number belongs to another program by now is no reason not to start', async () => {
  const first = hold();
  const cluster = await first.line('cluster');
  const pid = postmasterPid(cluster);
  const left = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
  await first.end();
  writeFileSync(join(cluster, 'postmaster.pid'), left.replace(String(pid), String(process.pid)));
  expect(await ask(await hold().line('url'))).toBe(1);
});
