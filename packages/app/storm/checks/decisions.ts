import type { Facts, GenerationFact, OperationFact, RememberedFact, Violation } from '../facts.ts';

type State = Pick<OperationFact, 'total' | 'held' | 'debt'>;

const nothing: State = { total: 0n, held: 0n, debt: 0n };

function availableOf(state: State): bigint {
  return state.total - state.held - state.debt;
}

/**
 * Replays each decision from the ledger's journal: what was accepted had the credit, what was refused hadn't, and was told the truth. A
 * decision is made under its account's lock, so what it saw is what the operation before it left.
 */
export function decisionsWereRight(facts: Facts): Violation[] {
  const accounts = Map.groupBy(facts.operations, ({ account }) => account);
  const people = Map.groupBy(facts.generations, ({ personId }) => personId);
  return [
    ...facts.generations.flatMap((generation) => {
      const operations = accounts.get(generation.personId) ?? [];
      const had =
        generation.policy === 'postpaid'
          ? mostAtStart(generation, operations, people.get(generation.personId) ?? [])
          : beforeItsOwn(generation, operations);
      if (had !== null && had >= generation.quoted) return [];
      const sentence =
        had === null
          ? 'was accepted, and the ledger never heard of it'
          : `was accepted for ${generation.quoted} with ${had} available`;
      return [{ check: 'decision', sentence, generationId: generation.id }];
    }),
    ...facts.remembered.flatMap((one) => refusalProblems(one, accounts.get(one.personId) ?? [])),
  ];
}

/** What was available right before its hold was placed or its charge made. */
function beforeItsOwn({ id }: GenerationFact, operations: readonly OperationFact[]): bigint | null {
  const index = operations.findIndex(({ reference }) => reference === id);
  return index < 0 ? null : availableOf(operations[index - 1] ?? nothing);
}

/** The most that may have been available to one that holds nothing: less what others like it, which were surely under way, would take. */
function mostAtStart(
  generation: GenerationFact,
  operations: readonly OperationFact[],
  theirs: readonly GenerationFact[],
): bigint {
  const start = generation.createdAt.getTime();
  const inFlight = theirs
    .filter(({ policy, id }) => policy === 'postpaid' && id !== generation.id)
    .filter(({ createdAt }) => createdAt.getTime() < start - moment_ms)
    .filter(({ finishedAt }) => finishedAt === null || finishedAt.getTime() > start + moment_ms)
    .reduce((sum, { quoted }) => sum + quoted, 0n);
  return statesAround(operations, generation.createdAt)
    .map((state) => availableOf(state) - inFlight)
    .reduce((most, one) => (one > most ? one : most));
}

function refusalProblems(
  { personId, key, at, refusal }: RememberedFact,
  operations: readonly OperationFact[],
): Violation[] {
  if (refusal === null) return [];
  const problems: string[] = [];
  const { total, held, available, required } = refusal;
  if (available >= required) problems.push(`refused with ${available} available of ${required} required`);
  const inFlight = refusal.inFlight ?? 0n;
  const seen = statesAround(operations, at).some(
    (state) => state.total === total && state.held === held && availableOf(state) === available + inFlight,
  );
  if (!seen) {
    problems.push(
      `was told total ${total}, held ${held}, available ${available}, which the ledger never was at that moment`,
    );
  }
  return problems.map((problem) => ({
    check: 'decision',
    sentence: `${personId}, key ${key}: ${problem}`,
    generationId: null,
  }));
}

/** A decision's time is taken a moment before or after its account's last operation. */
const moment_ms = 2_000;

function statesAround(operations: readonly OperationFact[], at: Date): State[] {
  const from = at.getTime() - moment_ms;
  const to = at.getTime() + moment_ms;
  const states: State[] = operations.filter((operation, index) => {
    const next = operations[index + 1]?.at.getTime() ?? Number.POSITIVE_INFINITY;
    return operation.at.getTime() <= to && next >= from;
  });
  return (operations[0]?.at.getTime() ?? Number.POSITIVE_INFINITY) >= from ? [nothing, ...states] : states;
}
