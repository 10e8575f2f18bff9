import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailChannel } from '../../src/delivery/channels/mail.ts';
import { webhookChannel } from '../../src/delivery/channels/webhook.ts';
import type { Mailer } from '../../src/delivery/mail/port.ts';
import { createLocalMailer, listLocalMails } from '../../src/delivery/mail/local-mailbox.ts';
import { resultMail } from '../../src/delivery/mail/result-mails.ts';
import { createSmtpMailer } from '../../src/delivery/mail/smtp.ts';
import { readPreferences, setPreference, unsubscribeLinks } from '../../src/delivery/mail/unsubscribe.ts';
import { addEndpoint } from '../../src/delivery/webhooks/endpoints.ts';
import { acceptGeneration } from '../../src/generations/accept/accept.ts';
import { seedCatalogue } from '../../src/generations/catalogue/seed.ts';
import { deliverySubjects } from '../../src/generations/view/delivery-subjects.ts';
import { apologise, previewApology } from '../../src/operations/apology.ts';
import { locales } from '../../src/platform/locale.ts';
import { pictures } from '../generations/by-hand.ts';
import { untilFinal } from '../generations/until.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';
import { receiver } from './support/receiver.ts';
import { startSmtpServer } from './support/smtp-server.ts';

let all: DeliveryWorld;
beforeAll(async () => {
  all = await createDeliveryWorld();
});
afterAll(() => all.close());

const links = unsubscribeLinks({
  publicUrl: 'https://video.example',
  secret: 'a secret for links of thirty-two and more',
});

const channel = (mailer: Mailer = createLocalMailer(all.world)) =>
  mailChannel({
    db: all.world.db,
    mailer,
    subjects: deliverySubjects(all.pipeline.deps),
    unsubscribeUrl: (personId, topic) => links.urlFor(personId, topic),
  });

async function person(options: { verified?: boolean } = {}): Promise<{ id: string; email: string }> {
  const id = await all.pipeline.person(500n);
  const email = `${id}@example.com`;
  await all.world.admin.query(
    `insert into auth.identity (id, name, email, email_verified) values ($1, 'Ada', $2, $3)`,
    [id, email, options.verified ?? true],
  );
  return { id, email };
}

async function mailsTo(email: string) {
  return (await listLocalMails(all.world.db)).filter(({ recipient }) => recipient === email);
}

async function make(id: string): Promise<string> {
  const generation = await all.pipeline.ask(id);
  await untilFinal(all.pipeline, id, generation);
  await all.runner([channel()]).work();
  return generation;
}

test('a film is ready: one mail with its link and what was charged', async () => {
  const ada = await person();
  const generation = await make(ada.id);
  const mails = await mailsTo(ada.email);
  expect(mails).toHaveLength(1);
  expect(mails[0]).toMatchObject({ subject: 'Your video is ready' });
  expect(mails[0]?.link).toContain(generation);
  expect(mails[0]?.body).toMatch(/4\.2 s delivered: 42 credits charged, 8 released/);
  expect(mails[0]?.body).toMatch(/^Charged: 42 credits$/m);
  expect(mails[0]?.body).toMatch(/^File: 4\.2 s · \d+ × \d+$/m);
  expect(mails[0]?.body).toMatch(
    /Stop mails about what is ready: https:\/\/video\.example\/unsubscribe\?token=per_/,
  );
});

test('nobody whose address is not theirs for sure gets one, nor who has stopped them', async () => {
  const ben = await person({ verified: false });
  await make(ben.id);
  expect(await mailsTo(ben.email)).toEqual([]);
  const eve = await person();
  const token = new URL(links.urlFor(eve.id, 'ready')).searchParams.get('token') ?? '';
  expect(links.read(`${token}x`)).toBeNull();
  expect(links.read(token.replace('ready', 'news'))).toBeNull();
  const read = links.read(token);
  expect(read).toEqual({ personId: eve.id, topic: 'ready' });
  await setPreference(all.world.db, { personId: eve.id, channel: 'mail', topic: 'ready', wanted: false });
  await make(eve.id);
  expect(await mailsTo(eve.email)).toEqual([]);
  expect(await readPreferences(all.world.db, eve.id)).toEqual({ ready: false, failed: true, news: true });
});

test.each(locales)('%s: the mail, with a name that is none', async (locale) => {
  const ada = await person();
  const generation = await make(ada.id);
  const subject = await deliverySubjects(all.pipeline.deps).read(generation, locale);
  const mail = await resultMail(locale, {
    to: ada.email,
    topic: 'ready',
    subject: {
      ...subject,
      personName: '<b>http://evil.example</b>',
      keptUntil: new Date('2031-02-03T12:00:00Z'),
    },
    unsubscribeUrl: links.urlFor(ada.id, 'ready'),
  });
  expect(mail.text).not.toMatch(/evil\.example|<b>/);
  expect(mail.html).not.toMatch(/evil\.example|<b>/);
  expect(mail.subject).toMatchSnapshot();
  expect(mail.text).toMatch(/3 February 2031|February 3, 2031|3 февраля 2031|2031年2月3日/);
  expect(mail.html).toContain(`lang="${locale}"`);
  expect(mail.html).toMatch(/<img[^>]+\/media\/poster\/ast_/);
});

test('an apology: seen before it is sent, granted and mailed once, however often it is run', async () => {
  const [ada, ben] = [await person(), await person()];
  for (const { id } of [ada, ben]) {
    const generation = await all.pipeline.ask(id);
    await untilFinal(all.pipeline, id, generation);
  }
  const { rows } = await all.world.admin.query<{ now: Date }>('select holdfast.clock() as now');
  const now = rows[0]?.now ?? new Date();
  await all.world.admin.query(
    `update holdfast.generation
        set state = 'failed', captured = 0, released = held, delivered_units = null, error_code = 'deadline', error_class = 'SYSTEM',
            finished_at = $2
      where person_id = any($1)`,
    [[ada.id, ben.id], now],
  );
  const affected = { from: new Date(now.getTime() - 1000), to: new Date(now.getTime() + 1000) };
  const deps = {
    db: all.world.db,
    credits: all.pipeline.deps.credits,
    mailer: createLocalMailer(all.world),
    publicUrl: 'https://video.example',
    unsubscribeUrl: (id: string) => links.urlFor(id, 'news'),
  };
  const apology = { affected, credits: 30n, reason: 'our renderer was away' };
  const preview = await previewApology(deps, apology);
  expect(preview.people.map(({ id }) => id)).toEqual([ada.id, ben.id].toSorted());
  expect(preview.mail?.text).toMatch(/our renderer was away.*30 credits/s);
  expect(await mailsTo(ada.email)).toEqual([]);
  await setPreference(all.world.db, { personId: ben.id, channel: 'mail', topic: 'news', wanted: false });
  const before = (await all.pipeline.balance(ada.id)).total;
  const first = await apologise(deps, 'cli test', { ...apology, id: 'outage' });
  expect(first).toEqual({ granted: 2, mailed: 1, unmailed: [] });
  expect(await apologise(deps, 'cli test', { ...apology, id: 'outage' })).toEqual({
    granted: 0,
    mailed: 0,
    unmailed: [],
  });
  expect((await all.pipeline.balance(ada.id)).total).toBe(before + 30n);
  expect(await mailsTo(ada.email)).toHaveLength(1);
  expect(await mailsTo(ben.email)).toEqual([]);
  await expect(apologise(deps, 'cli test', { ...apology, credits: 31n, id: 'outage' })).rejects.toMatchObject(
    {
      code: 'apology_differs',
    },
  );
});

async function bySmtp(answers: Record<string, string> = {}) {
  const server = await startSmtpServer(answers);
  const { log } = all.world;
  const mailer = createSmtpMailer({ url: server.url, from: 'hello@example.com', log, patienceMs: 1_000 });
  const ada = await person();
  const generation = await all.pipeline.ask(ada.id);
  await untilFinal(all.pipeline, ada.id, generation);
  const runner = all.runner([channel(mailer)]);
  const row = async () => (await all.rows(generation)).find((each) => each['channel'] === 'mail');
  return { server, ada, generation, runner, row };
}

test.each([
  ['550 5.1.1 no such mailbox', { RCPT: '550 5.1.1 no such mailbox' }, 'smtp_550'],
  ['a letter refused for good', { '.': '554 5.7.1 spam' }, 'smtp_554'],
])('%s: one attempt, not delivered, and the credits stay as they are', async (_case, answers, reason) => {
  const { server, ada, runner, row } = await bySmtp(answers);
  await runner.work();
  await all.world.clock.advance('3 hours');
  await runner.work();
  expect(await row()).toMatchObject({ state: 'refused', reason, attempts: 1, due_at: null });
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 458n, held: 0n });
  await server.close();
});

test('a server that is busy or away is asked again with growing waits, and given up after a day', async () => {
  const { server, runner, row, ada } = await bySmtp({ MAIL: '451 4.3.0 later' });
  const waits: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await runner.work();
    const due = (await row())?.['due_at'] as Date;
    waits.push(due.getTime() - all.world.clock.now().getTime());
    await all.world.clock.advance('5 minutes');
  }
  expect(waits.toSorted((one, other) => one - other)).toEqual(waits);
  delete server.answers['MAIL'];
  await all.world.clock.advance('2 hours');
  await runner.work();
  expect(await row()).toMatchObject({ state: 'delivered', attempts: 4 });
  expect(server.letters).toHaveLength(1);
  await server.close();

  const away = await bySmtp();
  await away.server.close();
  for (let turn = 0; turn < 40 && (await away.row())?.['state'] === 'pending'; turn += 1) {
    await away.runner.work();
    await all.world.clock.advance('2 hours');
  }
  expect(await away.row()).toMatchObject({ state: 'refused', reason: 'smtp_not_taken', due_at: null });
  expect(await all.pipeline.balance(ada.id)).toMatchObject({ total: 458n, held: 0n });
});

test('no word after the letter was handed over: uncertain, and never sent twice', async () => {
  const { server, runner, row } = await bySmtp({ '.': 'cut' });
  await runner.work();
  await all.world.clock.advance('3 hours');
  await runner.work();
  expect(await row()).toMatchObject({ state: 'uncertain', reason: 'smtp_no_answer', attempts: 1 });
  expect(server.letters).toHaveLength(1);
  await server.close();
});

test('what can not be written yet has not left: it is tried again, and sent once', async () => {
  const { server, runner, row, generation } = await bySmtp();
  const { db } = all.world;
  const broken = mailChannel({
    db,
    mailer: createLocalMailer(all.world),
    subjects: {
      ...deliverySubjects(all.pipeline.deps),
      read: () => Promise.reject(new Error('the database is away')),
    },
    unsubscribeUrl: (personId, topic) => links.urlFor(personId, topic),
  });
  await all.runner([broken]).work();
  expect(await row()).toMatchObject({ state: 'pending', reason: 'not_prepared', attempts: 0 });
  await all.world.clock.advance('1 minute');
  await runner.work();
  expect(await row()).toMatchObject({ state: 'delivered', attempts: 1 });
  expect(server.letters).toHaveLength(1);
  expect(server.letters[0]).toContain(generation.slice(-10));
  await server.close();
});

test('every file is named, with the pictures’ own words, in mail, webhook and library', async () => {
  await seedCatalogue(all.world.db, [{ model: pictures('reserve'), creditsPerUnit: 5n }]);
  const ada = await person();
  const hook = await receiver();
  await addEndpoint(all.world.db, { personId: ada.id, url: hook.url, allowPrivate: true });
  all.service.script.pictures = await Promise.all(
    [20, 120, 220].map((red) =>
      sharp({ create: { width: 120, height: 90, channels: 3, background: { r: red, g: 90, b: 50 } } })
        .jpeg()
        .toBuffer(),
    ),
  );
  const { generation } = await acceptGeneration(all.pipeline.deps, {
    personId: ada.id,
    key: 'several',
    request: { model: 'pictures-reserve', input: { prompt: 'a test', count: 4 } },
  });
  await untilFinal(all.pipeline, ada.id, generation.id);
  const subjects = deliverySubjects(all.pipeline.deps);
  const web = webhookChannel({ db: all.world.db, subjects, allowPrivate: true });
  await all.runner([channel(), web]).work();
  const [mail] = await mailsTo(ada.email);
  expect(mail?.subject).toBe('Your 3 images are ready');
  expect(mail?.body).toMatch(/Image 1: 120 × 90\nImage 2: 120 × 90\nImage 3: 120 × 90\nCharged: 15 credits/);
  const told = JSON.parse(hook.got[0]?.body ?? '{}') as { data: { outputs: { sha256: string }[] } };
  const { outputs } = await all.pipeline.see(ada.id, generation.id);
  expect(outputs).toHaveLength(3);
  expect(told.data.outputs.map(({ sha256 }) => sha256)).toEqual(outputs.map(({ sha256 }) => sha256));
  hook.close();
});

test('what failed: said with what became of the credits, in the words of what it was', async () => {
  const ada = await person();
  all.service.script.outcomes = ['fail_policy'];
  const id = await all.pipeline.ask(ada.id);
  await untilFinal(all.pipeline, ada.id, id);
  all.service.script.outcomes = [];
  await all.runner([channel()]).work();
  const [mail] = await mailsTo(ada.email);
  expect(mail?.subject).toBe('Your video could not be made');
  expect(mail?.body).toMatch(/^Charged: 0 credits\nBack in your balance: 50 credits$/m);
  expect(mail?.body).toContain('Stop mails about what failed: https://video.example/unsubscribe?token=');
});
