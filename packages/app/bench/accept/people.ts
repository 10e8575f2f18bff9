import { createApiKey } from '../../src/accounts/api-keys.ts';
import { insertPerson } from '../../src/accounts/queries.ts';
import { grantCredits, grantSignUpCredits } from '../../src/credits/commands.ts';
import type { Context } from '../../src/context.ts';
import { newId } from '../../src/platform/ids.ts';

export interface BenchPerson {
  readonly id: string;
  readonly key: string;
}

/** People with a key and more credit than the bench can spend. */
export async function makePeople(context: Context, count: number): Promise<BenchPerson[]> {
  const people: BenchPerson[] = [];
  const make = async () => {
    const id = newId('per');
    await insertPerson(context.db, { id, name: 'Bench' });
    await grantSignUpCredits(context.credits, id);
    await grantCredits(context.credits, {
      personId: id,
      key: 'bench',
      amount: 100_000_000n,
      source: 'support',
      reason: 'bench',
    });
    await context.db.query('update holdfast.person set welcomed_at = holdfast.clock() where id = $1', [id]);
    const wish = { personId: id, name: 'bench', scopes: ['read', 'write'] as const, expiresInDays: null };
    people.push({ id, key: (await createApiKey(context.accounts, wish)).key });
  };
  for (let made = 0; made < count; made += 8) await Promise.all(Array.from({ length: 8 }, make));
  return people;
}
