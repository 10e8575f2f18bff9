import type { Facts, OperationFact, Violation } from '../facts.ts';

/** What each generation cost its person in the end, by the ledger's journal alone. */
export function netCharges(operations: readonly OperationFact[]): ReadonlyMap<string, bigint> {
  const charges = new Map<string, bigint>();
  let before: OperationFact | null = null;
  for (const operation of operations) {
    const worth = operation.total - operation.debt;
    const earlier = before?.account === operation.account ? before.total - before.debt : 0n;
    before = operation;
    if (operation.reference === null || worth === earlier) continue;
    charges.set(operation.reference, (charges.get(operation.reference) ?? 0n) + earlier - worth);
  }
  return charges;
}

/** Charged if and only if a file that plays is stored for that very person, and was not given back; never more than quoted. */
export function chargedForDeliveryAlone({ generations, assets, operations }: Facts): Violation[] {
  const charges = netCharges(operations);
  const violations: Violation[] = [];
  for (const { id, personId, quoted, state, givenBack } of generations) {
    const charged = charges.get(id) ?? 0n;
    const files = assets.filter((asset) => asset.generationId === id);
    const delivered = files.some((file) => file.plays && file.personId === personId);
    const say = (sentence: string): void => {
      violations.push({ check: 'charge', sentence, generationId: id });
    };
    if (charged > 0n && !delivered) say(`was charged ${charged} and nothing that plays is stored`);
    if (charged <= 0n && delivered && givenBack === 0n) say(`was delivered and not charged`);
    if (charged < 0n) say(`gave its person ${-charged} credits`);
    if (charged > quoted) say(`was charged ${charged}, and quoted ${quoted}`);
    if (files.some((file) => file.personId !== personId)) say('has a file of somebody else');
    if (files.some((file) => !file.plays)) say('has a file that does not play');
    if (delivered !== (state === 'succeeded')) say(`is ${state} and ${delivered ? 'has' : 'lacks'} a file`);
  }
  return violations;
}

/** What the row says is what the ledger did; what was held is captured or released. */
export function receiptsAddUp({ generations, operations }: Facts): Violation[] {
  const charges = netCharges(operations);
  const violations: Violation[] = [];
  for (const { id, policy, held, captured, released, refunded, givenBack, quoted } of generations) {
    if (captured === null || released === null) continue;
    const say = (sentence: string): void => {
      violations.push({ check: 'receipt', sentence, generationId: id });
    };
    if (captured > quoted) say(`captured ${captured} of a quote of ${quoted}`);
    if (policy === 'reserve' && held !== captured + released) {
      say(`held ${held}, captured ${captured} and released ${released}`);
    }
    const charged = charges.get(id) ?? 0n;
    if (charged !== captured - refunded - givenBack) {
      say(`says captured ${captured} and refunded ${refunded + givenBack}, and the ledger took ${charged}`);
    }
  }
  return violations;
}
