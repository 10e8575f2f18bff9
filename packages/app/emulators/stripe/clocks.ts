import { newStripeId, StripeRefusal } from './account.ts';
import type { Account } from './account.ts';
import { renewUntil } from './subscriptions.ts';
import { numberOf, textOf } from './form.ts';
import type { Form } from './form.ts';
import type { TestClock } from './objects.ts';

export function newClock(account: Account, form: Form): TestClock {
  const clock: TestClock = {
    id: newStripeId('clock'),
    object: 'test_helpers.test_clock',
    created: account.now(),
    frozen_time: numberOf(form, 'frozen_time') ?? account.now(),
    livemode: account.livemode,
    name: textOf(form, 'name'),
    status: 'ready',
  };
  account.clocks.set(clock.id, clock);
  return clock;
}

/** Moves the clock, and does on the way what falls due for its customers, each thing at its own time. */
export function advanceClock(account: Account, clock: TestClock, to: number): TestClock {
  if (to <= clock.frozen_time) {
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'frozen_time must be after the current frozen time.',
    );
  }
  const from = clock.frozen_time;
  const theirs = [...account.subscriptions.values()].filter(({ test_clock }) => test_clock === clock.id);
  for (const subscription of theirs) {
    clock.frozen_time = from;
    renewUntil(account, subscription, to, (seconds) => (clock.frozen_time = seconds));
  }
  clock.frozen_time = to;
  account.tell('test_helpers.test_clock.ready', clock);
  return clock;
}
