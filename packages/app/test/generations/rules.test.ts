import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consequenceOf } from '../../src/generations/steps/consequences.ts';
import { receiptOf } from '../../src/generations/view/receipt.ts';
import {
  attemptMoves,
  backoffSeconds,
  canMove,
  cancellability,
  generationMoves,
  generationStatuses,
  isFinal,
} from '../../src/generations/rules.ts';
import { cooldownWords, failureWords } from '../../src/generations/view/words.ts';
import type { ErrorClass } from '../../src/providers/port.ts';

const status = fc.constantFrom(...generationStatuses);

describe('the table of moves', () => {
  test('only what is final stays; everything else can reach a failure, and success only by way of the file', () => {
    for (const from of generationStatuses) {
      expect(isFinal(from)).toBe(['succeeded', 'failed', 'cancelled'].includes(from));
      expect(canMove(from, 'failed')).toBe(!isFinal(from));
      expect(canMove(from, 'succeeded')).toBe(from === 'ingesting');
    }
  });

  test('whatever legal moves are made, an end is reached from everywhere and never left', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (choices) => {
        let at: (typeof generationStatuses)[number] = 'queued';
        for (const choice of choices) {
          const moves: readonly (typeof generationStatuses)[number][] = generationMoves[at];
          at = moves[choice % Math.max(1, moves.length)] ?? at;
        }
        expect(isFinal(at) || canMove(at, 'failed')).toBe(true);
      }),
    );
  });

  test('an attempt that has ended stays ended', () => {
    expect(attemptMoves.succeeded).toEqual([]);
    expect(attemptMoves.failed).toEqual([]);
  });

  test('may I cancel: at once while queued, by the provider where it can, never once it is fetched', () => {
    fc.assert(
      fc.property(status, fc.boolean(), fc.boolean(), (at, cancelRequested, providerCanCancel) => {
        const way = cancellability({ status: at, cancelRequested, providerCanCancel });
        expect(way === 'at_once').toBe(at === 'queued' && !cancelRequested);
        expect(way === 'at_provider').toBe(
          ['submitting', 'running'].includes(at) && providerCanCancel && !cancelRequested,
        );
      }),
    );
  });
});

describe('what follows a failure', () => {
  const facts = { attempts: 1, tries: 1, maxAttempts: 2, random: 0.5 };
  test.each<[ErrorClass, string]>([
    ['USER_INPUT', 'fail'],
    ['USER_POLICY', 'fail'],
    ['CANCELLED', 'fail'],
    ['TRANSIENT', 'again'],
    ['SYSTEM', 'again'],
    ['UNKNOWN', 'again'],
    ['OPERATOR_BALANCE', 'again'],
    ['OPERATOR_AUTH', 'again'],
    ['OPERATOR_CONFIG', 'again'],
  ])('%s: %s', (errorClass, kind) => {
    expect(consequenceOf(errorClass, facts).kind).toBe(kind);
  });

  test("a provider's fault has as many attempts as the model has", () => {
    expect(consequenceOf('SYSTEM', { ...facts, attempts: 2, tries: 2 })).toEqual({ kind: 'fail' });
    // What the operator or the moment was to blame for uses none up.
    expect(consequenceOf('SYSTEM', { ...facts, tries: 9 })).toMatchObject({ kind: 'again' });
  });

  test('pauses grow, and never beyond a minute or so', () => {
    expect([1, 2, 3, 4, 20].map((failures) => backoffSeconds(failures, 0.5))).toEqual([1, 2, 4, 8, 60]);
  });
});

describe('words', () => {
  test("an operator's fault is never told as the person's", () => {
    for (const errorClass of ['OPERATOR_BALANCE', 'OPERATOR_AUTH', 'OPERATOR_CONFIG', 'SYSTEM'] as const) {
      expect(failureWords('anything', errorClass)).not.toMatch(/your|change/i);
    }
  });

  test.each([
    [180, '3 minutes'],
    [121, '3 minutes'],
    [120, '2 minutes'],
    [60, '1 minute'],
    [59, '59 seconds'],
    [1, '1 second'],
  ])('%d seconds are told as %s', (seconds, words) => {
    expect(cooldownWords('video', seconds)).toBe(
      `Please wait ${words} before starting another video generation. This keeps your credits in step and prevents duplicate charges.`,
    );
  });
});

describe('the receipt', () => {
  const row = {
    state: 'succeeded' as const,
    policy: 'reserve' as const,
    price_version: 'p/1',
    unit: 'second' as const,
    credits_per_unit: 10n,
    quoted_units: 5,
    delivered_units: '4.200',
    quoted: 50n,
    held: 50n,
    captured: 42n,
    released: 8n,
    refunded: 0n,
    owed: 0n,
    hold_id: '3',
    input: {},
  };

  test('says "You were not charged" exactly when it is final and nothing was', () => {
    fc.assert(
      fc.property(status, fc.bigInt(0n, 50n), (state, amount) => {
        const final = isFinal(state);
        const captured = !final ? null : state === 'succeeded' ? amount : 0n;
        const released = captured === null ? null : 50n - captured;
        const receipt = receiptOf({ ...row, state, captured, released });
        expect(receipt.not_charged).toBe(final && captured === 0n);
        expect(receipt.summary.includes('You were not charged')).toBe(receipt.not_charged);
        expect(receipt.captured + receipt.released).toBe(final ? receipt.held : 0n);
        expect(receipt.captured).toBeLessThanOrEqual(receipt.quoted);
      }),
    );
  });

  test.each([
    [{}, '4.2 s delivered: 42 credits charged, 8 released.'],
    [{ captured: 50n, released: 0n, delivered_units: '5' }, '5 s delivered: 50 credits charged.'],
    [{ unit: 'piece' as const, captured: 1n, released: 0n, held: 1n }, 'Delivered: 1 credit charged.'],
    [
      { state: 'failed' as const, captured: 0n, released: 50n },
      'You were not charged: 50 credits are available again.',
    ],
    [
      { state: 'running' as const, captured: null, released: null },
      '50 credits held. You pay for the seconds you get, never more.',
    ],
    [
      {
        unit: 'piece' as const,
        input: { count: 4 },
        quoted: 20n,
        held: 20n,
        captured: 15n,
        released: 5n,
        delivered_units: '3',
      },
      '3 of 4 delivered: 15 credits charged, 5 released.',
    ],
    [
      { policy: 'prepaid' as const, state: 'queued' as const, held: 0n, captured: 50n, released: null },
      '50 credits charged at the start. They are refunded if it fails.',
    ],
    [
      { policy: 'prepaid' as const, held: 0n, captured: 50n, released: 0n, refunded: 8n },
      '4.2 s delivered: 50 credits charged, 8 refunded.',
    ],
    [
      {
        policy: 'prepaid' as const,
        state: 'failed' as const,
        held: 0n,
        captured: 50n,
        released: 0n,
        refunded: 50n,
      },
      'You were not charged: 50 credits were refunded.',
    ],
    [
      { policy: 'postpaid' as const, state: 'running' as const, held: 0n, captured: null, released: null },
      'Nothing held. You pay when it is delivered, at most 50 credits.',
    ],
    [
      { policy: 'postpaid' as const, held: 0n, released: 0n, owed: 12n },
      '4.2 s delivered: 42 credits charged, 12 of them owed.',
    ],
  ])('%#: in words', (change, words) => {
    expect(receiptOf({ ...row, ...change }).summary).toBe(words);
  });
});
