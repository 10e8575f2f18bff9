import { deleteTelegramPerson } from '../../accounts/delete-telegram.ts';
import { readBalance } from '../../credits/queries.ts';
import type { Turn } from '../turn.ts';

export async function askToDelete(turn: Turn): Promise<void> {
  const { words } = turn;
  const { available } = await readBalance(turn.deps.credits, turn.person.personId);
  await turn.say(words.deleteWarning(available), [
    [{ text: words.deleteButton, callback_data: 'delete!' }],
    [{ text: words.cancel, callback_data: 'cancel' }],
  ]);
}

/** Nothing of theirs may be under way: credits that are held belong to it. */
export async function deleted(turn: Turn): Promise<void> {
  const { deps, words, person } = turn;
  const gone = await deleteTelegramPerson(deps.db, person);
  if (gone === 'busy') {
    await turn.show(words.deleteBusy);
    return;
  }
  for (const sha256 of gone.files) await deps.delivery.storage.remove(sha256);
  turn.conversation = { step: 'idle' };
  deps.log.info({ person: person.personId, files: gone.files.length }, 'a person deleted their account');
  await turn.show(words.deleted);
}
