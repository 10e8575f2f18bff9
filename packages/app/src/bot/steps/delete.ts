import { deleteTelegramPerson, webAccountOf } from '../../accounts/delete-telegram.ts';
import { readBalance } from '../../credits/queries.ts';
import type { Turn } from '../turn.ts';

/** Says what goes and what stays before anything does: a linked account on the web stays. */
export async function askToDelete(turn: Turn): Promise<void> {
  const { words, deps, person } = turn;
  const { available } = await readBalance(deps.credits, person.personId);
  const account = await webAccountOf(deps.db, person.personId);
  const contact = deps.settings.supportContact;
  const linked = account !== null;
  await turn.say(
    linked ? words.unlinkWarning({ account, credits: available, contact }) : words.deleteWarning(available),
    [
      [
        {
          text: linked ? words.unlinkButton : words.deleteButton,
          callback_data: linked ? 'unlink!' : 'delete!',
        },
      ],
      [{ text: words.cancel, callback_data: 'cancel' }],
    ],
  );
}

/**
 * Nothing of theirs may be under way: credits that are held belong to it. What the button promised is what is done: where accounts were linked
 * since, it is asked again.
 */
export async function deleted(turn: Turn, promised: 'delete!' | 'unlink!'): Promise<void> {
  const { deps, words, person } = turn;
  const linked = (await webAccountOf(deps.db, person.personId)) !== null;
  if (linked !== (promised === 'unlink!')) return askToDelete(turn);
  const done = await deleteTelegramPerson(deps.accounts, person);
  if (done === 'busy') {
    await turn.show(words.deleteBusy);
    return;
  }
  turn.conversation = { step: 'idle' };
  deps.log.info({ person: person.personId, done }, 'somebody deleted what the bot knows of them');
  await turn.show(done === 'unlinked' ? words.unlinked : words.deleted);
}
