import { render } from '@react-email/render';
import { letterElement, letterText } from './layout.ts';
import { letters } from './letters.ts';
import type { LetterInput } from './letters.ts';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly link: string;
}

/** A mail about payments in both of its forms. @throws where there is no such template */
export async function renderMail(template: string, input: LetterInput): Promise<RenderedMail> {
  const write = letters[template];
  if (!write) throw new Error(`there is no mail "${template}"`);
  const letter = write(input);
  const greeting = greet(input.name);
  return {
    subject: letter.subject,
    text: letterText(letter, greeting),
    html: await render(letterElement(letter, greeting)),
    link: letter.button.url,
  };
}

/** A name is what someone typed: never a link, never more than a short line. */
function greet(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{M}\p{N}'’ -]+/gu, ' ')
    .replaceAll(/ +/g, ' ')
    .slice(0, 60)
    .trim();
  return plain === '' ? 'Hello,' : `Hello ${plain},`;
}

/** Every mail with made-up facts, for whoever wants to see them. */
export async function previewMails(
  publicUrl: string,
): Promise<(RenderedMail & { readonly template: string })[]> {
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
