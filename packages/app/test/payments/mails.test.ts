import { afterAll, beforeAll, expect, test } from 'vitest';
import { creditsGrant } from '../../src/cli/credits-grant.ts';
import { listLocalMails } from '../../src/delivery/mail/local-mailbox.ts';
import { previewMails } from '../../src/payments/mails/render.ts';
import { formatMoney } from '../../src/payments/mails/letters.ts';
import { sendDueMails } from '../../src/payments/send-mails.ts';
import { createPaymentWorld } from './payment-world.ts';
import type { PaymentWorld } from './payment-world.ts';

let payments: PaymentWorld;

beforeAll(async () => {
  payments = await createPaymentWorld();
});
afterAll(() => payments.close());

test('every mail says the same in both of its forms, and is a whole page', async () => {
  const mails = await previewMails('https://video.example.com');
  expect(mails.map(({ template }) => template)).toEqual([
    'purchase',
    'gift',
    'refill',
    'refund',
    'payment_failed',
    'top_up',
    'top_up_failed',
  ]);
  for (const mail of mails) {
    expect(mail.subject.length).toBeGreaterThan(5);
    expect(mail.text).toContain('Hello Ada,');
    const fact = mail.template === 'gift' ? 'With our apologies for last night.' : '$27.00';
    expect(mail.text).toContain(fact);
    expect(mail.html).toContain('<!DOCTYPE html');
    expect(mail.html).toContain(fact);
    expect(mail.html).toContain('https://video.example.com/');
    expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/undefined|NaN|\[object/);
  }
});

test('a name is never a link, and money is written as its currency is', async () => {
  const { renderMail } = await import('../../src/payments/mails/render.ts');
  const mail = await renderMail('purchase', {
    name: '<a href="https://evil.example">Ada</a>',
    publicUrl: 'https://video.example.com',
    facts: {
      credits: '1',
      repaid: '0',
      product: 'Starter',
      amount: '990',
      currency: 'jpy',
      order: 'ord_1',
      months: null,
    },
  });
  expect(mail.html).not.toContain('evil.example"');
  expect(mail.text).not.toContain('https://evil');
  expect(mail.text).toContain('¥990');
  expect(mail.text).toContain('1 credit was added');
  expect([formatMoney(990n, 'usd'), formatMoney(990n, 'eur')]).toEqual(['$9.90', '€9.90']);
});

test('a plan that could not be paid: the mail leads to the invoice itself; a gift without an end says so', async () => {
  const { renderMail } = await import('../../src/payments/mails/render.ts');
  const about = { name: 'Ada', publicUrl: 'https://video.example.com' };
  const facts = {
    amount: '1900',
    currency: 'eur',
    next_attempt_at: null,
    url: 'https://invoice.stripe.com/i/1',
  };
  const failed = await renderMail('payment_failed', { ...about, facts });
  expect(failed.link).toBe('https://invoice.stripe.com/i/1');
  expect(failed.text).toContain('€19.00');
  expect(failed.text).toContain('no further try by itself');
  const gift = await renderMail('gift', {
    ...about,
    facts: { credits: '80', reason: 'Sorry.', expires_at: null },
  });
  expect(gift.text).toContain('Expires: never');
});

test('a purchase is confirmed by one mail, whatever comes twice; a mail server that is away delays it', async () => {
  const signedUp = await fetch(`${payments.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse battery staple' }),
  });
  const { user } = (await signedUp.json()) as { user: { id: string } };
  payments.stripe.account.knobs.sameObject = 1;
  await payments.buy(user.id, 'creator');
  await payments.settle();
  const { payments: deps } = payments.context;
  const away = {
    ...deps,
    mailer: { ...deps.mailer, send: () => Promise.reject(new Error('no mail server')) },
  };
  await sendDueMails(away);
  expect(
    (await listLocalMails(payments.world.db)).filter(({ subject }) => subject.startsWith('Payment')),
  ).toEqual([]);
  await payments.world.clock.advance('1 hour');
  await sendDueMails(deps);
  await sendDueMails(deps);
  const mails = (await listLocalMails(payments.world.db)).filter(
    ({ recipient }) => recipient === 'ada@example.com',
  );
  const confirmed = mails.filter(({ subject }) => subject === 'Payment confirmed: 660 credits');
  expect(confirmed).toHaveLength(1);
  expect(confirmed[0]?.body).toContain('They are good for 12 months.');
});

test('credits given by hand are told of, with the reason, once', async () => {
  const signedUp = await fetch(`${payments.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bob', email: 'bob@example.com', password: 'correct horse battery staple' }),
  });
  const { user } = (await signedUp.json()) as { user: { id: string } };
  const { context } = payments;
  const operations = {
    db: context.db,
    credits: context.credits,
    generations: context.generations,
    alerts: context.alerts,
  };
  const grant = { reason: 'A video was late: our fault.', key: 'ticket-7' };
  for (let press = 0; press < 2; press += 1) await creditsGrant(operations, user.id, '80', grant);
  await sendDueMails(context.payments);
  await sendDueMails(context.payments);
  const mails = (await listLocalMails(payments.world.db)).filter(
    ({ recipient }) => recipient === 'bob@example.com',
  );
  const gifts = mails.filter(({ subject }) => subject === '80 credits for you');
  expect(gifts).toHaveLength(1);
  expect(gifts[0]?.body).toContain('A video was late: our fault.');
  expect((await payments.balance(user.id)).total).toBe(180n);
});
