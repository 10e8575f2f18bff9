import { describe, expect, test } from 'vitest';
import { violationsIn } from '../../storm/checks/all.ts';
import { nobodyWaitsTooLong } from '../../storm/checks/fairness.ts';
import { atMostOnePaidPost } from '../../storm/checks/posts.ts';
import type { Facts, GenerationFact } from '../../storm/facts.ts';
import { at, delivered, failed, inChat, inChatOf, just, post } from './planted.ts';

function checksThatSpeak(facts: Facts): string[] {
  return [...new Set(violationsIn(facts).map(({ check }) => check))].sort();
}

function withGeneration(changed: Partial<GenerationFact> & { id: string }): Facts {
  const generations = just.generations.map((one) => (one.id === changed.id ? { ...one, ...changed } : one));
  return { ...just, generations };
}

test('a just world has no violations', () => {
  expect(violationsIn(just)).toEqual([]);
  expect(violationsIn(inChat())).toEqual([]);
});

test('what was sent again on purpose, and what had failed, may be followed by another post', () => {
  const [, first] = just.attempts;
  if (first === undefined) throw new Error('no attempt');
  const next = (number: number, state: string) => ({
    ...first,
    id: `att_again_${number}`,
    number,
    token: `again-${number}`,
    taskId: `again-${number}`,
    state,
  });
  const sent = (number: number, seconds: number, outcome: 'succeeded' | 'failed') =>
    post({
      at: at(seconds),
      token: `again-${number}`,
      taskId: `again-${number}`,
      outcome,
      endedAt: at(seconds + 0.5),
    });
  const facts = {
    attempts: [{ ...next(1, 'failed'), resubmitted: true }, next(2, 'failed'), next(3, 'succeeded')],
    posts: [sent(1, 1, 'succeeded'), sent(2, 2, 'failed'), sent(3, 3, 'succeeded')],
  };
  expect(atMostOnePaidPost({ ...just, ...facts })).toEqual([]);
  const blind = facts.attempts.map((attempt) => ({ ...attempt, resubmitted: false }));
  expect(atMostOnePaidPost({ ...just, ...facts, attempts: blind })).toHaveLength(1);
});

describe('each planted violation is reported, with whose it is', () => {
  const planted: Record<string, { facts: Facts; checks: string[]; of: string | null }> = {
    'a generation that never ended': {
      facts: withGeneration({
        id: failed.id,
        state: 'running',
        captured: null,
        released: null,
        timeline: failed.timeline.slice(0, 3),
      }),
      checks: ['final'],
      of: failed.id,
    },
    'an attempt of which nobody knows': {
      facts: {
        ...just,
        attempts: just.attempts.map((one) =>
          one.generationId === failed.id ? { ...one, state: 'submit_unknown', endedAt: null } : one,
        ),
      },
      checks: ['final'],
      of: failed.id,
    },
    'charged, and no file is stored': {
      facts: { ...just, assets: [] },
      checks: ['charge'],
      of: delivered.id,
    },
    'charged for a file that does not play': {
      facts: { ...just, assets: just.assets.map((asset) => ({ ...asset, plays: false })) },
      checks: ['charge'],
      of: delivered.id,
    },
    'the file is stored for somebody else': {
      facts: { ...just, assets: just.assets.map((asset) => ({ ...asset, personId: 'per_2' })) },
      checks: ['charge'],
      of: delivered.id,
    },
    'delivered, and not charged': {
      facts: {
        ...just,
        assets: [...just.assets, { generationId: failed.id, personId: 'per_1', output: 0, plays: true }],
      },
      checks: ['charge'],
      of: failed.id,
    },
    'captured more than quoted': {
      facts: withGeneration({ id: delivered.id, quoted: 40n, held: 40n, released: -2n }),
      checks: ['charge', 'receipt'],
      of: delivered.id,
    },
    'a receipt that does not add up': {
      facts: withGeneration({ id: delivered.id, released: 7n }),
      checks: ['receipt'],
      of: delivered.id,
    },
    'a receipt that says what the ledger did not do': {
      facts: withGeneration({ id: delivered.id, captured: 41n, released: 9n }),
      checks: ['receipt'],
      of: delivered.id,
    },
    'the same attempt accepted twice': {
      facts: { ...just, posts: [...just.posts, post({ at: at(4), taskId: 'task-3', netUsd: 0 })] },
      checks: ['posts'],
      of: delivered.id,
    },
    'another attempt accepted while the first had not failed': {
      facts: {
        ...just,
        attempts: [
          ...just.attempts,
          {
            id: 'att_3',
            generationId: failed.id,
            number: 2,
            providerId: 'fal',
            token: 'token-3',
            state: 'failed',
            taskId: 'task-3',
            submitStartedAt: at(13),
            endedAt: at(15),
            errorCode: null,
            errorClass: null,
            resubmitted: false,
          },
        ],
        posts: [...just.posts, post({ at: at(13), token: 'token-3', taskId: 'task-3', netUsd: 0 })],
      },
      checks: ['posts'],
      of: failed.id,
    },
    'a post that nobody had marked': {
      facts: { ...just, posts: [...just.posts, post({ token: 'nobody', taskId: 'task-9' })] },
      checks: ['posts'],
      of: null,
    },
    'an orphan cost that is not listed': {
      facts: { ...just, orphans: [] },
      checks: ['orphan cost'],
      of: failed.id,
    },
    'accepted without the credit': {
      facts: {
        ...just,
        operations: just.operations.map((one) =>
          one.seq === 1n ? { ...one, amount: 40n, total: 40n } : one,
        ),
      },
      checks: ['charge', 'decision', 'receipt'],
      of: delivered.id,
    },
    'several in flight that only credit for one was there for': {
      facts: {
        ...just,
        generations: just.generations.map((one) => ({
          ...one,
          policy: 'postpaid',
          held: 0n,
          released: 0n,
          quoted: 60n,
          createdAt: at(one.id === delivered.id ? 1 : 6),
        })),
        operations: just.operations
          .filter(({ kind }) => kind === 'grant' || kind === 'capture')
          .map((one) => Object.assign({}, one, { held: 0n })),
        remembered: just.remembered.filter(({ refusal }) => refusal === null),
      },
      checks: ['decision'],
      of: failed.id,
    },
    'refused with the credit': {
      facts: {
        ...just,
        remembered: just.remembered.map((one) =>
          one.refusal === null ? one : { ...one, refusal: { ...one.refusal, required: 8n } },
        ),
      },
      checks: ['decision'],
      of: null,
    },
    'refused with numbers that never were': {
      facts: {
        ...just,
        remembered: just.remembered.map((one) =>
          one.refusal === null ? one : { ...one, refusal: { ...one.refusal, total: 59n, available: 9n } },
        ),
      },
      checks: ['decision'],
      of: null,
    },
    'one key, two generations': {
      facts: {
        ...just,
        wishes: just.wishes.map((wish) =>
          wish.key === 'two'
            ? { ...wish, answers: [...wish.answers, { status: 202, code: null, generationId: delivered.id }] }
            : wish,
        ),
      },
      checks: ['keys'],
      of: failed.id,
    },
    'a generation that nobody wished for': {
      facts: { ...just, wishes: just.wishes.filter(({ key }) => key !== 'two') },
      checks: ['keys'],
      of: failed.id,
    },
    'an illegal move': {
      facts: withGeneration({
        id: failed.id,
        timeline: failed.timeline.filter(({ status }) => status !== 'submitting'),
      }),
      checks: ['moves'],
      of: failed.id,
    },
    'back in the queue while an attempt is under way': {
      facts: withGeneration({
        id: failed.id,
        timeline: [
          ...failed.timeline.slice(0, 3),
          { status: 'queued', at: at(13) },
          { status: 'failed', at: at(15) },
        ],
      }),
      checks: ['moves'],
      of: failed.id,
    },
    'a copy in a chat that nobody asked for': {
      facts: inChat({ sends: [...inChat().chats.sends, ...inChat().chats.sends] }),
      checks: ['chat'],
      of: delivered.id,
    },
    'a file in a chat whose delivery was proven to be refused': {
      facts: inChat({
        deliveries: [
          inChatOf({ state: 'refused', refusals: 1, file: 'no' }),
          ...inChat().chats.deliveries.slice(1),
        ],
      }),
      checks: ['chat'],
      of: delivered.id,
    },
    'said to be in a chat, and not there': {
      facts: inChat({ sends: [] }),
      checks: ['chat'],
      of: delivered.id,
    },
    'another one that nobody pressed for': {
      facts: inChat({ presses: inChat().chats.presses.slice(0, 1) }),
      checks: ['chat'],
      of: failed.id,
    },
    'an offer that nobody confirmed': {
      facts: inChat({ presses: inChat().chats.presses.slice(1) }),
      checks: ['chat'],
      of: delivered.id,
    },
    'sent again, and nobody pressed for it': {
      facts: inChat({
        sends: [...inChat().chats.sends, ...inChat().chats.sends],
        deliveries: [...inChat().chats.deliveries, inChatOf({ event: 'resent' })],
      }),
      checks: ['chat'],
      of: delivered.id,
    },
    'refused by its chat, and the credits were kept': {
      facts: inChat({
        sends: [],
        deliveries: [
          inChatOf({ state: 'refused', refusals: 3, file: 'no' }),
          ...inChat().chats.deliveries.slice(1),
        ],
      }),
      checks: ['chat'],
      of: delivered.id,
    },
    'credits given back, and no chat has refused': {
      facts: {
        ...inChat(),
        generations: just.generations.map((one) => (one === delivered ? { ...one, givenBack: 42n } : one)),
      },
      checks: ['chat', 'receipt'],
      of: delivered.id,
    },
    'a chat that took no file, and nothing given back': {
      facts: inChat({ closed: [delivered.id] }),
      checks: ['chat'],
      of: delivered.id,
    },
    'a chat that was to take no file, and nobody came so far': {
      facts: inChat({ closed: [null] }),
      checks: ['chat'],
      of: null,
    },
    'an end that its chat was not told': {
      facts: inChat({ deliveries: inChat().chats.deliveries.slice(0, 1) }),
      checks: ['chat'],
      of: failed.id,
    },
    'a delivery that never ends': {
      facts: inChat({
        deliveries: [
          inChat().chats.deliveries[0] ?? inChatOf({}),
          inChatOf({ generationId: failed.id, event: 'failed', state: 'pending', file: 'no' }),
        ],
      }),
      checks: ['chat'],
      of: failed.id,
    },
    'a message without an answer': { facts: inChat({ unanswered: 1 }), checks: ['chat'], of: null },
    'a message that was given up': { facts: inChat({ givenUp: 1 }), checks: ['chat'], of: null },
    'not accepted while a vendor was dry': {
      facts: { ...just, dryness: { asked: 1, generationIds: [], ended: [] } },
      checks: ['dryness'],
      of: null,
    },
    'ended while its vendor was dry': {
      facts: {
        ...just,
        dryness: {
          asked: 1,
          generationIds: [delivered.id],
          ended: [{ id: delivered.id, state: 'succeeded' }],
        },
      },
      checks: ['dryness'],
      of: delivered.id,
    },
    'did not go on after its vendor was dry': {
      facts: { ...just, dryness: { asked: 1, generationIds: [failed.id], ended: [] } },
      checks: ['dryness'],
      of: failed.id,
    },
    'a ledger with a difference': {
      facts: { ...just, ledger: { violations: 1, differences: ['total'] } },
      checks: ['ledger'],
      of: null,
    },
    'a process that ended by itself': {
      facts: { ...just, crashes: ['worker-1 ended with 1'] },
      checks: ['crash'],
      of: null,
    },
  };

  test.each(Object.entries(planted))('%s', (_name, { facts, checks, of }) => {
    expect(checksThatSpeak(facts)).toEqual(checks);
    expect(violationsIn(facts).map(({ generationId }) => generationId)).toContain(of);
  });
});

describe('waiting', () => {
  /** So many of one person, asked for at once, picked up at these seconds. */
  function waiting(person: string, pickedUpAt: readonly number[]): GenerationFact[] {
    return pickedUpAt.map((seconds, index) => ({
      ...failed,
      id: `gen_${person}_${index}`,
      personId: person,
      state: 'cancelled',
      createdAt: at(0),
      finishedAt: at(seconds + 0.01),
      timeline: [
        { status: 'queued', at: at(0) },
        { status: 'submitting', at: at(seconds) },
        { status: 'cancelled', at: at(seconds + 0.01) },
      ],
    }));
  }
  const seconds = (count: number, from: number): number[] =>
    Array.from({ length: count }, (_, index) => from + index);

  test('in turn is fair, however many somebody else wants', () => {
    const generations = [...waiting('per_many', seconds(300, 10)), ...waiting('per_few', [10.5, 11.5, 12.5])];
    expect(nobodyWaitsTooLong({ generations, attempts: [], runningPerPerson: 3 })).toEqual([]);
  });

  test('behind everybody is not', () => {
    const generations = [...waiting('per_many', seconds(300, 10)), ...waiting('per_few', [400])];
    const found = nobodyWaitsTooLong({ generations, attempts: [], runningPerPerson: 3 });
    expect(found).toEqual([
      {
        check: 'fairness',
        sentence: 'waited for 300 turns of others at fal; its fair share was 2',
        generationId: 'gen_per_few_0',
      },
    ]);
  });

  test('one that was moved on waits where it stands now', () => {
    const moved = waiting('per_few', [400]).map((one) =>
      Object.assign({}, one, {
        timeline: [one.timeline[0], { status: 'queued', at: at(305) }, ...one.timeline.slice(1)],
      }),
    );
    const generations = [...waiting('per_many', seconds(300, 10)), ...moved];
    expect(nobodyWaitsTooLong({ generations, attempts: [], runningPerPerson: 3 })).toEqual([]);
  });

  test('while somebody has as many running as one may have, others pass by right', () => {
    const busy = waiting('per_few', [1, 1, 1]).map((one) =>
      Object.assign({}, one, {
        id: `${one.id}_busy`,
        finishedAt: at(400),
        timeline: [...one.timeline.slice(0, 2), { status: 'cancelled', at: at(400) }],
      }),
    );
    const generations = [...waiting('per_many', seconds(300, 10)), ...busy, ...waiting('per_few', [401])];
    expect(nobodyWaitsTooLong({ generations, attempts: [], runningPerPerson: 3 })).toEqual([]);
  });
});
