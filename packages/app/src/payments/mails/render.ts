import { greetingTo } from '../../delivery/mail/letter.ts';
import type { RenderedLetter } from '../../delivery/mail/letter.ts';
import { renderLetter } from '../../delivery/mail/render-letter.ts';
import { letters } from './letters.ts';
import type { LetterInput } from './letters.ts';

/** A mail about payments in both of its forms. @throws where there is no such template */
export async function renderMail(template: string, input: LetterInput): Promise<RenderedLetter> {
  const write = letters[template];
  if (!write) throw new Error(`there is no mail "${template}"`);
  return renderLetter(write(input), greetingTo(input.name));
}

/** Every mail with made-up facts, for whoever wants to see them. */
export async function previewMails(
  publicUrl: string,
): Promise<(RenderedLetter & { readonly template: string })[]> {
  const factsOf = (template: string) => ({
    order: 'ord_01k7example',
    credits: '660',
    repaid: '12',
    product: 'Creator',
    amount: '2700',
    currency: 'usd',
    months: 12,
    kind: 'refund',
    debt: '40',
    reason: template === 'gift' ? 'With our apologies for last night.' : 'subscription_cycle',
    expires_at: '2027-02-28T00:00:00Z',
    next_attempt_at: '2026-12-04T00:00:00Z',
    url: `${publicUrl}/invoice`,
  });
  return Promise.all(
    Object.keys(letters).map(async (template) =>
      Object.assign(
        { template },
        await renderMail(template, { name: 'Ada', publicUrl, facts: factsOf(template) }),
      ),
    ),
  );
}
