import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailChannel } from '../../src/delivery/channels/mail.ts';
import { createLocalMailer, listLocalMails } from '../../src/delivery/mail/local-mailbox.ts';
import { resultMail } from '../../src/delivery/mail/result-mails.ts';
import { readPreferences, setPreference, unsubscribeLinks } from '../../src/delivery/mail/unsubscribe.ts';
import { deliverySubjects } from '../../src/generations/view/delivery-subjects.ts';
import { apologise, previewApology } from '../../src/operations/apology.ts';
import { locales } from '../../src/platform/locale.ts';
import { untilFinal } from '../generations/until.ts';
import { createDeliveryWorld } from './support/delivery-world.ts';
import type { DeliveryWorld } from './support/delivery-world.ts';

let all: DeliveryWorld;
beforeAll(async () => {
  all = await createDeliveryWorld();
});
afterAll(() => all.close());

const links = unsubscribeLinks({
  publicUrl: 'https://video.example',
  secret: 'a secret for links of thirty-two and more',
});

const channel = () =>
  mailChannel({
    db: all.world.db,
    mailer: createLocalMailer(all.world),
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
    subject: { ...subject, personName: '<b>http://evil.example</b>' },
    unsubscribeUrl: links.urlFor(ada.id, 'ready'),
  });
  expect(mail.text).not.toMatch(/evil\.example|<b>/);
  expect(mail.html).not.toMatch(/evil\.example|<b>/);
  expect(mail.subject).toMatchSnapshot();
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
