import type { OperatorAction, ProviderState } from '@holdfast/client';
import { creditsInWords, formatCredits, formatSeconds } from '../lib/format.ts';

type Act = OperatorAction['act'];

export const operatorWords = {
  title: 'Operator',
  payments: 'Payments',
  calm: 'Nothing needs you just now.',
  underWay: {
    title: 'Under way',
    queued: 'Queued',
    running: 'At work',
    unknown: 'In doubt',
    estimates: 'Estimates that held',
    estimatesNote: (held: number, shown: number) =>
      `${formatCredits(held)} of ${formatCredits(shown)} in 7 days`,
    estimatesNone: 'None shown in 7 days',
  },
  alerts: {
    title: 'Alerts',
    raised: (times: number) => (times === 1 ? '' : `, seen ${formatCredits(times)} times`),
    open: 'Look at it',
  },
  providers: {
    title: 'Providers',
    free: 'On your own machines',
    unreachable: 'Not set up on this server',
    paused: (reason: string) => `Paused: ${reason}`,
    circuit: (reason: string, model: string) =>
      `${model === '' ? 'Nothing is sent' : `Nothing is sent to ${model}`}: ${circuitReasons[reason] ?? reason}`,
    fine: 'Working',
    load: (running: number, queued: number) =>
      `${formatCredits(running)} at work, ${formatCredits(queued)} queued`,
    balance: 'Balance',
    balanceUnknown: 'Not known',
    daysLeft: (days: number) =>
      days < 1 ? 'less than a day left' : `${days.toFixed(days < 10 ? 1 : 0)} days left`,
    spent: 'Spent today',
    cap: (usd: string) => `of ${usd} a day`,
  },
  unknown: {
    title: 'In doubt',
    note: 'Submitted, and nobody knows what became of it. The credits stay held until that is known, or to the deadline.',
    empty: 'Nothing is in doubt.',
  },
  stuck: {
    title: 'Stuck',
    note: 'Under way for longer than 19 in 20 of its model, or overdue.',
    empty: 'Nothing is stuck.',
  },
  orphans: {
    title: 'Orphan costs',
    note: 'What a provider may have taken for something nobody was charged for.',
    empty: 'No orphan costs.',
    unknownCost: 'cost not known',
  },
  log: {
    title: 'Last actions',
    note: 'What operators did, kept for ever.',
    empty: 'Nobody has done anything yet.',
    brokeOff: 'broke off',
    acts: {
      ask: 'Asked the provider',
      adopt: 'Adopt a task',
      release: 'Release',
      resubmit: 'Resubmit',
      settle_orphan: 'Orphan cost looked into',
      forgive: 'Pardon',
      set_role: 'Role changed',
      replay_event: 'Replay of an event',
      repair_payments: 'Payments repaired',
      set_catalogue: 'Packs and plans changed',
      pause_provider: 'Provider switched off',
      resume_provider: 'Provider switched on',
      cap_provider: 'Daily cap',
      limit_provider: 'Limits of a provider',
      retry_provider: 'Provider asked again',
      set_price: 'Price changed',
      set_cost: 'Cost noted',
      offer_model: 'Model offered',
      withdraw_model: 'Model withdrawn',
      import_models: 'Catalogue brought in',
      set_tier: 'Tier changed',
      assign_tier: 'Tier of a person',
    } as Record<string, string>,
    outcomes: {
      done: 'done',
      nothing_to_do: 'nothing to do',
      gone: 'the provider knows no such task',
      no_task: 'no task is known',
      no_answer: 'no answer',
    } as Record<string, string>,
  },
  line: {
    held: (credits: number) => `${creditsInWords(credits)} held`,
    age: (seconds: number, usual: number | null) =>
      usual === null
        ? `${formatSeconds(seconds)} so far`
        : `${formatSeconds(seconds)} so far, usually ${formatSeconds(usual)}`,
    overdue: (seconds: number) => `overdue by ${formatSeconds(seconds)}`,
    attempt: (number: number) => `attempt ${number}`,
    task: (id: string) => `task ${id}`,
    noTask: 'no task known',
    ends: 'ends at the latest',
    somebody: 'Somebody without a mail address',
  },
  acts: {
    ask: 'Ask provider',
    adopt: 'Adopt',
    release: 'Release',
    resubmit: 'Resubmit',
    settle: 'Looked into',
  } satisfies Record<Act, string>,
  dialog: {
    titles: {
      ask: 'Ask its provider now?',
      adopt: 'Adopt a task?',
      release: 'Release it?',
      resubmit: 'Pay for a new attempt?',
      settle: 'Take it off the list?',
    } satisfies Record<Act, string>,
    texts: {
      ask: 'Its provider is asked how it stands, and a worker acts on the answer. Nothing else changes.',
      adopt:
        'Give the provider’s name for the task. It is asked first; if it knows the task, the result is fetched and charged as any other.',
      release:
        'It ends as failed, and the credits go back at once. What the provider may have taken for it is listed as an orphan cost.',
      resubmit:
        'The attempt in doubt is given up and a new one is paid for. If the first was made after all, it is paid for twice: that is yours, not the person’s.',
      settle: 'It has been looked into: claimed back, or accepted as a loss.',
    } satisfies Record<Act, string>,
    reason: 'Reason',
    reasonHelp: 'Kept for ever, with your name.',
    reasonShort: 'Say why, in at least 3 characters.',
    task: 'Task id',
    taskMissing: 'Give the task’s id, as the provider names it.',
    confirm: 'Yes, this may be paid for twice.',
    confirmMissing: 'Confirm it first.',
    keep: 'Not now',
    done: 'Close',
    outcomes: { done: 'Done', nothing_to_do: 'Nothing to do' } as Record<string, string>,
    answered: 'Its provider answered',
  },
};

/** Why a cost is nobody's, from the words of the books: what isn't known here is shown as it is. */
export function orphanReason(reason: string): string {
  const [, code = '', state = ''] = /^([a-z_]+): the attempt was ([a-z_]+)$/.exec(reason) ?? [];
  const ended = orphanCodes[code];
  const stood = attemptStates[state];
  return ended === undefined || stood === undefined ? reason.replaceAll('_', ' ') : `${ended} ${stood}.`;
}

const orphanCodes: Record<string, string> = {
  released_by_operator: 'Released by hand,',
  deadline: 'Its deadline passed,',
  outcome_unknown: 'Given up,',
  cancelled: 'Cancelled,',
};

const attemptStates: Record<string, string> = {
  submitting: 'while it was being submitted',
  submit_unknown: 'and nobody knows whether its provider had started it',
  submitted: 'while its provider was making it',
  succeeded: 'after its provider had made it',
};

const circuitReasons: Record<string, string> = {
  balance: 'its balance is used up',
  auth: 'it refuses the key',
  config: 'it doesn’t know what it is asked for',
  failures: 'it keeps failing',
};

const usd = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
  minimumFractionDigits: 2,
});

export function dollars(amount: number): string {
  return usd.format(amount);
}

export function balanceInWords(balance: NonNullable<ProviderState['balance']>): string {
  return balance.usd === null ? `${formatCredits(Math.floor(balance.units))} units` : dollars(balance.usd);
}
