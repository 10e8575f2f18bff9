export const deskWords = {
  title: 'Payments',
  back: 'Operator',
  events: {
    title: 'Events of Stripe',
    note: 'Everything it has said, as it was said. What is not done is tried again by itself; replaying does no harm.',
    waiting: 'Not done',
    all: 'All',
    unmatched: 'Unmatched',
    empty: {
      waiting: 'Nothing waits.',
      unmatched: 'Every payment belongs to somebody.',
      all: 'Stripe has said nothing yet.',
    },
    show: 'Raw body',
    replay: 'Replay',
    replayTitle: 'Replay this event',
    replayText:
      'What it is about is looked at anew and brought to where it should be. Nothing is granted twice.',
    tries: (count: number) => (count === 1 ? '1 try' : `${count} tries`),
    states: {
      received: 'waiting',
      done: 'done',
      ignored: 'left alone',
      parked: 'parked',
      unmatched: 'unmatched',
    },
  },
  orders: {
    title: 'Orders',
    note: 'Of everybody, newest first.',
    all: 'All',
    empty: 'There are no such orders.',
    invoiced: 'by its invoice',
    discount: (amount: string) => `${amount} off`,
    tax: (amount: string) => `${amount} tax`,
    states: { pending: 'Pending', paid: 'Paid', failed: 'Failed', expired: 'Not paid' },
  },
  reason: {
    label: 'Why',
    help: 'Kept for ever in the operators’ log.',
    short: 'Say why, in 3 letters at least.',
    leave: 'Not now',
  },
  books: {
    title: 'Reconciliation',
    note: 'Stripe’s books against ours, three ways. It runs every hour by itself; a dry run changes nothing.',
    dryRun: 'Compare (dry run)',
    repair: 'Repair what differs',
    repairTitle: 'Repair what differs',
    repairText:
      'Each difference is looked at anew and brought to where Stripe’s books say. What only a person can decide stays as it is.',
    undelivered: (count: number, dry: boolean) =>
      `${count === 1 ? '1 event' : `${count} events`} of Stripe never arrived${dry ? '.' : ', and were fetched.'}`,
    agree: 'The books agree.',
    found: (count: number, repaired: number) =>
      `${count === 1 ? '1 difference' : `${count} differences`}, ${repaired} repaired.`,
    repaired: 'repaired',
    open: 'open',
    age: (seconds: number) =>
      seconds < 3_600 ? `${Math.floor(seconds / 60)} min old` : `${Math.floor(seconds / 3_600)} h old`,
    kinds: {
      paid_not_granted: 'Paid, not granted',
      granted_not_paid: 'Granted, not paid',
      return_not_settled: 'Refund or dispute not settled',
      subscription_outdated: 'Plan not up to date',
      tier_wrong: 'Tier wrong',
      order_left_open: 'Order left open',
    } as Record<string, string>,
  },
};
