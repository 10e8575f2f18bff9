import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setPreference } from '../../src/delivery/mail/unsubscribe.ts';
import { commandLine, runCli } from '../cli/run-cli.ts';
import { untilFinal } from '../generations/until.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';
import { startSmtpServer } from './support/smtp-server.ts';
import type { SmtpServer } from './support/smtp-server.ts';

let all: DeliveryWorld;
let smtp: SmtpServer;
let directory: string;
let env: Record<string, string>;
const people: string[] = [];
const from = '2031-05-04T10:00:00Z';
const to = '2031-05-04T11:00:00Z';

/** Nine whose generations failed within the hour: one without a mail address, one who wants no such mails. */
beforeAll(async () => {
  all = await createDeliveryWorld();
  smtp = await startSmtpServer();
  directory = await mkdtemp(join(tmpdir(), 'holdfast-apology-'));
  env = {
    DATABASE_URL: all.world.adminUrl,
    HOLDFAST_DATA_DIR: directory,
    HOLDFAST_ALLOW_UNSAFE_POSTGRES: 'yes',
    SMTP_URL: smtp.url,
    PUBLIC_URL: 'https://video.example',
  };
  const { admin } = all.world;
  for (let number = 0; number < 9; number += 1) {
    const id = await all.pipeline.person(100n);
    people.push(id);
    if (number > 0) {
      await admin.query(
        `insert into auth.identity (id, name, email, email_verified) values ($1, 'Ada', $2, true)`,
        [id, `${id}@example.com`],
      );
    }
    const generation = await all.pipeline.ask(id);
    await untilFinal(all.pipeline, id, generation);
  }
  await setPreference(all.world.db, {
    personId: people[1] ?? '',
    channel: 'mail',
    topic: 'news',
    wanted: false,
  });
  await admin.query(
    `update holdfast.generation
        set state = 'failed', captured = 0, released = held, delivered_units = null, error_code = 'deadline', error_class = 'SYSTEM',
            finished_at = '2031-05-04T10:30:00Z'`,
  );
});
afterAll(async () => {
  await smtp.close();
  await all.close();
  await rm(directory, { recursive: true, force: true });
});

const words = ['--credits', '30', '--reason', 'our renderer was away', '--json'];
const within = ['--from', from, '--to', to];

async function apology(...more: string[]): Promise<{ code: number | null; said: Record<string, unknown> }> {
  const { code, stdout, stderr } = await runCli(['apology', ...within, ...words, ...more], env);
  return { code, said: JSON.parse(stdout || stderr) as Record<string, unknown> };
}

/** How often each has been given the bonus: their generation has cost them 42 of 100. */
async function granted(): Promise<number[]> {
  const balances = await Promise.all(people.map((id) => all.pipeline.balance(id)));
  return balances.map(({ total }) => Number(total - 58n) / 30);
}
const recipients = () => smtp.letters.map((letter) => /^To: (\S+)/m.exec(letter)?.[1] ?? '');

test('a preview names everyone and the mail, and does nothing; another model or hour is nobody', async () => {
  const { code, said } = await apology();
  expect(code).toBe(0);
  const listed = said['people'] as { id: string; mailed: boolean }[];
  expect(listed.map(({ id }) => id)).toEqual(people.toSorted());
  expect(listed.filter(({ mailed }) => mailed)).toHaveLength(7);
  expect((said['mail'] as { text: string }).text).toMatch(/our renderer was away\.[\s\S]*30 credits/);
  expect(await granted()).toEqual(people.map(() => 0));
  expect(smtp.letters).toEqual([]);
  const { rows } = await all.world.admin.query('select from holdfast.apology');
  expect(rows).toEqual([]);
  expect((await apology('--model', 'another')).said['people']).toEqual([]);
}, 120_000);

test('killed in the middle, run again, run twice at once: once each, in the ledger and in their inbox', async () => {
  // The fourth letter is read to its end, and its answer never comes: there it is killed.
  const args = ['apology', ...within, ...words, '--send', 'outage'];
  const child = spawn(process.execPath, [commandLine, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const stopping = setInterval(() => {
    if (smtp.letters.length >= 3) smtp.answers['.'] = 'silence';
  }, 1);
  await expect.poll(() => smtp.letters.length, { interval: 5, timeout: 100_000 }).toBeGreaterThanOrEqual(4);
  child.kill('SIGKILL');
  await ended;
  clearInterval(stopping);
  delete smtp.answers['.'];
  const half = await granted();
  expect(half).toContain(0);
  expect(half).toContain(1);

  const again = await Promise.all([apology('--send', 'outage'), apology('--send', 'outage')]);
  expect(again.map(({ code }) => code)).toEqual([0, 0]);
  const last = await apology('--send', 'outage');
  expect(last.said).toEqual({ granted: 0, mailed: 0, unmailed: [] });
  expect(await granted()).toEqual(people.map(() => 1));
  const inboxes = recipients();
  expect(new Set(inboxes).size).toBe(inboxes.length);
  expect(inboxes.toSorted()).toEqual(
    people
      .slice(2)
      .map((id) => `${id}@example.com`)
      .toSorted(),
  );
  const { rows } = await all.world.admin.query<{ outcome: string | null }>(
    `select o.outcome from holdfast.operator_action a left join holdfast.operator_outcome o on o.action_id = a.id
      where a.action = 'apologise' and a.subject = 'apology/outage' order by a.at`,
  );
  // The one that was killed has none.
  expect(rows[0]?.outcome ?? null).toBeNull();
  expect(rows.at(-1)?.outcome).toBe('nothing_to_do');
}, 240_000);

test('a mail server that is away costs nobody their credits, nor anybody else their mail: run again, it is sent', async () => {
  smtp.answers['RCPT'] = '451 4.3.0 later';
  const first = await apology('--send', 'second');
  expect(first.code).toBe(0);
  expect(first.said).toMatchObject({ granted: 9, mailed: 0 });
  expect(first.said['unmailed']).toHaveLength(7);
  delete smtp.answers['RCPT'];
  expect((await apology('--send', 'second')).said).toEqual({ granted: 0, mailed: 7, unmailed: [] });
  expect((await apology('--send', 'second')).said).toEqual({ granted: 0, mailed: 0, unmailed: [] });
}, 240_000);

test('the same name with other credits or another reason is refused before anything is done', async () => {
  const other = await apology('--send', 'outage', '--credits', '31');
  expect([other.code, other.said]).toEqual([
    1,
    { error: expect.objectContaining({ code: 'apology_differs' }) },
  ]);
  const reason = await apology('--send', 'outage', '--reason', 'something else');
  expect(reason.said).toEqual({ error: expect.objectContaining({ code: 'apology_differs' }) });
}, 120_000);
