import { hasDeparted } from '../../accounts/delete-telegram.ts';
import { acceptTerms, inviteCode, noteInvitation } from '../../accounts/telegram.ts';
import type { Locale } from '../../platform/locale.ts';
import { chooseTelegramLocale } from '../../accounts/telegram.ts';
import { isLocale } from '../../platform/locale.ts';
import { webButton } from '../../delivery/telegram/buttons.ts';
import { readBalance } from '../../credits/queries.ts';
import type { Buttons, Turn } from '../turn.ts';
import { wordsOf } from '../words/words.ts';
import { chooseProduct } from './choose.ts';
import { askToLink } from './link.ts';

/** `/start`, perhaps with an invitation or a code that links accounts. Terms come first. */
export async function start(turn: Turn, payload: string): Promise<void> {
  if (payload.startsWith('link_')) {
    await askToLink(turn, payload.slice('link_'.length));
    return;
  }
  if (payload !== '') await noteInvitation(turn.deps.db, turn.person, payload);
  if (!turn.person.termsAccepted) {
    await askForTerms(turn);
    return;
  }
  await chooseProduct(turn);
  await offerWhatWaits(turn);
}

/** What could not be handed over while they were away is offered now. */
async function offerWhatWaits(turn: Turn): Promise<void> {
  const { rows } = await turn.deps.db.query<{ generation_id: string }>(
    `select distinct d.generation_id
       from holdfast.delivery d
      where d.person_id = $1 and d.channel = 'telegram' and d.event = 'succeeded' and d.target = $2
        and d.state in ('refused', 'uncertain') and d.finished_at > holdfast.clock() - interval '30 days'
        and not exists (select from holdfast.generation_refund r where r.generation_id = d.generation_id)
        and not exists (select from holdfast.delivery e
                         where e.generation_id = d.generation_id and e.event = 'resent' and e.state = 'delivered')
      limit 5`,
    [turn.person.personId, String(turn.chatId)],
  );
  if (rows.length === 0) return;
  await turn.say(
    turn.words.historyTitle,
    rows.map((row, index) => [{ text: `🎬 ${index + 1}`, callback_data: `send:${row.generation_id}` }]),
  );
}

export async function askForTerms(turn: Turn): Promise<void> {
  const { words, name, deps } = turn;
  const rows: Buttons = [
    [{ text: words.accept, callback_data: 'accept' }],
    [{ text: '🇬🇧 🇷🇺 🇨🇳', callback_data: 'language' }],
  ];
  const before = await hasDeparted(deps.accounts, turn.person.telegramId);
  await turn.say(words.welcome(name, before ? 0n : deps.settings.signUpCredits), rows);
}

export async function accepted(turn: Turn): Promise<void> {
  await acceptTerms(turn.deps.accounts, turn.person);
  await chooseProduct(turn);
}

export async function terms(turn: Turn): Promise<void> {
  const url = `${turn.deps.settings.publicUrl}/pricing`;
  await turn.say(turn.words.terms(url), webButton(turn.locale, url));
}

export async function balance(turn: Turn): Promise<void> {
  const { words, locale } = turn;
  const read = await readBalance(turn.deps.credits, turn.person.personId);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const next = read.next_expiry;
  const expiry = next === null ? null : { amount: next.amount, date: date.format(next.at) };
  await turn.say(words.balance({ available: read.available, held: read.held, expiry }), [
    [{ text: words.buy, callback_data: 'buy' }],
  ]);
}

export async function invite(turn: Turn): Promise<void> {
  const { code, invited } = await inviteCode(turn.deps.db, turn.person.personId);
  const username = await turn.deps.settings.username();
  await turn.say(turn.words.invite(`https://t.me/${username}?start=${code}`, invited));
}

export async function chooseLanguage(turn: Turn): Promise<void> {
  await turn.show(turn.words.chooseLanguage, [
    [{ text: '🇬🇧 English', callback_data: 'locale:en' }],
    [{ text: '🇷🇺 Русский', callback_data: 'locale:ru' }],
    [{ text: '🇨🇳 中文', callback_data: 'locale:zh' }],
  ]);
}

export async function languageChosen(turn: Turn, wanted: string): Promise<void> {
  if (!isLocale(wanted)) return;
  await chooseTelegramLocale(turn.deps.db, turn.person, wanted);
  const locale: Locale = wanted;
  const speaking: Turn = { ...turn, locale, words: wordsOf(locale) };
  await speaking.show(speaking.words.languageChosen);
  if (!turn.person.termsAccepted) await askForTerms(speaking);
  turn.conversation = speaking.conversation;
}
