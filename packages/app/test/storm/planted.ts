import type { ChatDeliveryFact, Facts, GenerationFact, OperationFact, PostFact } from '../../storm/facts.ts';

/** Seconds after the beginning of a small storm in which all went well. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 4, 1) + seconds * 1000);
}

export const delivered: GenerationFact = {
  id: 'gen_delivered',
  personId: 'per_1',
  providerId: 'fal',
  modelId: 'film',
  state: 'succeeded',
  policy: 'reserve',
  quoted: 50n,
  held: 50n,
  captured: 42n,
  released: 8n,
  refunded: 0n,
  givenBack: 0n,
  errorCode: null,
  createdAt: at(1),
  finishedAt: at(9),
  timeline: [
    { status: 'queued', at: at(1) },
    { status: 'submitting', at: at(2) },
    { status: 'running', at: at(3) },
    { status: 'ingesting', at: at(8) },
    { status: 'succeeded', at: at(9) },
  ],
};

export const failed: GenerationFact = {
  ...delivered,
  id: 'gen_failed',
  state: 'failed',
  captured: 0n,
  released: 50n,
  errorCode: 'E1000',
  createdAt: at(10),
  finishedAt: at(15),
  timeline: [
    { status: 'queued', at: at(10) },
    { status: 'submitting', at: at(11) },
    { status: 'running', at: at(12) },
    { status: 'failed', at: at(15) },
  ],
};

/** The same, asked for in a chat: one by a confirmed offer, and then another one of the same. */
export function inChat(changed: Partial<Facts['chats']> = {}): Facts {
  const keys: Record<string, string> = { one: 'tg/off_1', two: `tg/again/${delivered.id}/7` };
  return {
    ...just,
    remembered: just.remembered.map((one) => Object.assign({}, one, { key: keys[one.key] ?? one.key })),
    wishes: just.wishes.filter(({ key }) => keys[key] === undefined),
    chats: {
      people: [{ chat: 1, personId: 'per_1' }],
      presses: [
        { chat: 1, data: 'go:off_1' },
        { chat: 1, data: `again:${delivered.id}:50` },
      ],
      sends: [{ chat: 1, generationId: delivered.id, at: at(9.5) }],
      deliveries: [inChatOf({}), inChatOf({ generationId: failed.id, event: 'failed', file: 'no' })],
      unanswered: 0,
      givenUp: 0,
      closed: [],
      ...changed,
    },
  };
}

export function inChatOf(changed: Partial<ChatDeliveryFact>): ChatDeliveryFact {
  return {
    generationId: delivered.id,
    personId: 'per_1',
    chat: 1,
    event: 'succeeded',
    state: 'delivered',
    refusals: 0,
    file: 'yes',
    ...changed,
  };
}

function operation(seq: bigint, seconds: number, more: Partial<OperationFact>): OperationFact {
  return {
    account: 'per_1',
    seq,
    at: at(seconds),
    kind: 'grant',
    amount: 0n,
    reference: null,
    total: 100n,
    held: 0n,
    debt: 0n,
    ...more,
  };
}

export function post(more: Partial<PostFact>): PostFact {
  return {
    providerId: 'fal',
    at: at(2),
    token: 'token-1',
    accepted: true,
    taskId: 'task-1',
    netUsd: 0.1,
    outcome: 'succeeded',
    endedAt: at(8),
    ...more,
  };
}

const attempt = {
  number: 1,
  providerId: 'fal',
  errorCode: null,
  errorClass: null,
  resubmitted: false,
} as const;

/** One that was delivered, one that failed, one request refused: everything as it must be. */
export const just: Facts = {
  generations: [delivered, failed],
  attempts: [
    {
      ...attempt,
      id: 'att_1',
      generationId: delivered.id,
      token: 'token-1',
      state: 'succeeded',
      taskId: 'task-1',
      submitStartedAt: at(2),
      endedAt: at(9),
    },
    {
      ...attempt,
      id: 'att_2',
      generationId: failed.id,
      token: 'token-2',
      state: 'failed',
      taskId: 'task-2',
      submitStartedAt: at(11),
      endedAt: at(15),
      errorCode: 'E1000',
    },
  ],
  assets: [{ generationId: delivered.id, personId: 'per_1', output: 0, plays: true }],
  orphans: [{ attemptId: 'att_2', generationId: failed.id, reason: 'E1000' }],
  posts: [
    post({}),
    post({ at: at(11), token: 'token-2', taskId: 'task-2', outcome: 'failed', endedAt: at(14) }),
  ],
  wishes: [
    {
      personId: 'per_1',
      key: 'one',
      answers: [
        { status: 202, code: null, generationId: delivered.id },
        { status: 202, code: null, generationId: delivered.id },
      ],
    },
    { personId: 'per_1', key: 'two', answers: [{ status: 202, code: null, generationId: failed.id }] },
    {
      personId: 'per_1',
      key: 'three',
      answers: [{ status: 402, code: 'insufficient_credits', generationId: null }],
    },
  ],
  remembered: [
    { personId: 'per_1', key: 'one', at: at(1), generationId: delivered.id, refusal: null },
    { personId: 'per_1', key: 'two', at: at(10), generationId: failed.id, refusal: null },
    {
      personId: 'per_1',
      key: 'three',
      at: at(12),
      generationId: null,
      refusal: { total: 58n, held: 50n, available: 8n, required: 30n },
    },
  ],
  operations: [
    operation(1n, 0, { amount: 100n }),
    operation(2n, 1, { kind: 'place_hold', amount: 50n, reference: delivered.id, held: 50n }),
    operation(3n, 9, { kind: 'capture', amount: 42n, reference: delivered.id, total: 58n }),
    operation(4n, 10, { kind: 'place_hold', amount: 50n, reference: failed.id, total: 58n, held: 50n }),
    operation(5n, 15, { kind: 'release', amount: 50n, reference: failed.id, total: 58n }),
  ],
  ledger: { violations: 0, differences: [] },
  dryness: null,
  chats: {
    people: [],
    presses: [],
    sends: [],
    deliveries: [],
    unanswered: 0,
    givenUp: 0,
    closed: [],
  },
  crashes: [],
  runningPerPerson: 3,
};
