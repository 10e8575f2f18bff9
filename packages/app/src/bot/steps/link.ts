import { confirmLinkInTelegram, findOpenLink } from '../../accounts/telegram-link.ts';
import type { Turn } from '../turn.ts';

/** The code is right; the person is shown which account on the web it came from, and asked. */
export async function askToLink(turn: Turn, code: string): Promise<void> {
  const { words } = turn;
  const link = await findOpenLink(turn.deps.db, { code });
  if (link === null) {
    await turn.say(words.linkInvalid);
    return;
  }
  await turn.say(words.linkAsk(link.account), [
    [{ text: words.linkConfirm, callback_data: `link:${link.id}` }],
    [{ text: words.cancel, callback_data: 'cancel' }],
  ]);
}

export async function linkConfirmed(turn: Turn, id: string): Promise<void> {
  const { words, person, name } = turn;
  const confirmed = await confirmLinkInTelegram(turn.deps.db, {
    id,
    telegramId: person.telegramId,
    name,
  });
  await turn.show(confirmed ? words.linkWaits : words.linkInvalid);
}
