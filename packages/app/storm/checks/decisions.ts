import type { Facts, OperationFact, Violation } from '../facts.ts';

const nothing = { total: 0n, held: 0n, debt: 0n };

function availableOf(state: Pick<OperationFact, 'total' | 'held' | 'debt'>): bigint {
  return state.total - state.held - state.debt;
}

/**
 * Replays each decision from the ledger's journal: what was accepted had the credit, what was refused hadn't, and was told the truth. A
 * decision is made under its account's lock, so what it saw is what the operation before it left.
 */
export function decisionsWereRight(facts: Facts): Violation[] {
  const accounts = Map.groupBy(facts.operations, ({ account }) => account);
  const quotes = new Map(facts.generations.map((generation) => [generation.id, generation]));
  const violations: Violation[] = [];
  for (const operations of accounts.values()) {
    for (const [index, operation] of operations.entries()) {
      if (operation.kind !== 'place_hold' && operation.kind !== 'hold') continue;
      const generation = quotes.get(operation.reference ?? '');
      if (generation === undefined) continue;
      const before = operations[index - 1] ?? nothing;
      if (availableOf(before) < generation.quoted && generation.policy === 'reserve') {
        violations.push({
          check: 'decision',
          sentence: `was accepted for ${generation.quoted} with ${availableOf(before)} available`,
          generationId: generation.id,
        });
      }
    }
  }
  for (const { personId, key, at, refusal } of facts.remembered) {
    if (refusal === null) continue;
    const say = (sentence: string): void => {
      violations.push({
        check: 'decision',
        sentence: `${personId}, key ${key}: ${sentence}`,
        generationId: null,
      });
    };
    const { total, held, available, required } = refusal;
    if (available >= required) say(`refused with ${available} available of ${required} required`);
    const operations = accounts.get(personId) ?? [];
    if (
      !statesAround(operations, at).some(
        (state) => availableOf(state) === available && state.total === total && state.held === held,
      )
    ) {
      say(
        `was told total ${total}, held ${held}, available ${available}, which the ledger never was at that moment`,
      );
    }
  }
  return violations;
}

/** A refusal's time is taken a moment before or after its account's last operation. */
const moment_ms = 2_000;

function statesAround(
  operations: readonly OperationFact[],
  at: Date,
): Pick<OperationFact, 'total' | 'held' | 'debt'>[] {
  const states: Pick<OperationFact, 'total' | 'held' | 'debt'>[] = [];
  const from = at.getTime() - moment_ms;
  const to = at.getTime() + moment_ms;
  for (const [index, operation] of operations.entries()) {
    const next = operations[index + 1]?.at.getTime() ?? Number.POSITIVE_INFINITY;
    if (operation.at.getTime() <= to && next >= from) states.push(operation);
  }
  const first = operations[0]?.at.getTime() ?? Number.POSITIVE_INFINITY;
  if (first >= from) states.push(nothing);
  return states;
}
