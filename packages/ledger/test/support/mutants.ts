/**
 * The rules, the test that holds each, and a change to the SQL that breaks the rule: `npm run test:mutants` applies one at a
 * time and wants its test to fail. The table in docs/rules.md is made from this list.
 */
export type Mutant = {
  name: string;
  rule: string;
  /** File in test/ and the start of the test's full name. */
  test: [string, string];
  /** Functions, a piece of each, and what replaces the piece. */
  changes: [string, string, string][];
};

const holds = (name: string): [string, string] => ['holds.test.ts', name];
const money = (name: string): [string, string] => ['money.test.ts', name];
const input = (name: string): [string, string] => ['input.test.ts', name];
const quick = (name: string): [string, string] => ['quick.test.ts', name];
const proof = (name: string): [string, string] => ['proof.test.ts', name];

export const mutants: Mutant[] = [
  {
    name: 'hold-ignores-held',
    rule: 'Available is total less held less debt: two holds of 135 on 255 never both pass',
    test: holds('a hold > that is too large is refused'),
    changes: [['place_hold_generally', 'amount > w.total - w.held - w.debt', 'amount > w.total - w.debt']],
  },
  {
    name: 'no-account-lock',
    rule: 'Each write locks its account once, at the top: 200 clients on credit for 100 holds get exactly 100',
    test: holds('200 clients on credit for 100 holds'),
    changes: [
      ['begin_write', 'for update', ''],
      ['place_hold', 'for update', ''],
    ],
  },
  {
    name: 'priority-last',
    rule: 'Order of spending: lower priority first',
    test: holds('a hold > pins lots by priority'),
    changes: [
      ['choose', 'order by t.priority, t.expires_at', 'order by t.expires_at'],
      ['place_hold', 'order by t.priority, t.expires_at', 'order by t.expires_at'],
    ],
  },
  {
    name: 'paid-before-promotional',
    rule: 'Order of spending: promotional before paid where they expire together',
    test: holds('a hold > pins lots by priority'),
    changes: [
      ['choose', "t.class = 'paid'", "t.class <> 'paid'"],
      ['place_hold', "t.class = 'paid'", "t.class <> 'paid'"],
    ],
  },
  {
    name: 'expiry-takes-pinned',
    rule: 'Pinned slices stay usable past the expiry of their lot',
    test: holds('a hold > keeps its slices past the lot expiry'),
    changes: [['expire_lot', 'select t.remaining - t.held into free', 'select t.remaining into free']],
  },
  {
    name: 'freed-stays-in-expired-lot',
    rule: 'What is freed in an expired lot expires at once',
    test: holds('a hold > keeps its slices past the lot expiry'),
    changes: [['settle_freed', 'if not l.started or l.expires_at > w.at then', 'if true then']],
  },
  {
    name: 'no-replacement',
    rule: 'Our or the provider’s fault gives expired credit a replacement lot with grace',
    test: holds('a hold > released for our fault'),
    changes: [['settle_freed', "fault <> 'customer'", 'false']],
  },
  {
    name: 'endless-grace',
    rule: 'The grace is capped once, from the expiry of the root',
    test: money('a refund > to an expired lot expires again'),
    changes: [['replacement_expiry', "root_expires_at + interval '2160 hours'", "'infinity'"]],
  },
  {
    name: 'partial-capture-closes',
    rule: 'A capture that is not final keeps the rest held',
    test: holds('a hold > is captured several times'),
    changes: [['plan_resolution', 'case when final then rest - part else 0 end', 'rest - part']],
  },
  {
    name: 'over-capture-passes',
    rule: 'A capture above the hold is refused, or capped with the shortfall told',
    test: holds('a hold > refuses or caps a capture above it'),
    changes: [['capture_generally', "amount > uncaptured and h.over_capture = 'reject'", 'false']],
  },
  {
    name: 'late-for-ever',
    rule: 'A late capture works within the grace and never after it',
    test: holds('a hold > expires with its lease'),
    changes: [['capture_generally', 'or h.late_until <= w.now', '']],
  },
  {
    name: 'second-transition-wins',
    rule: 'One transition of a hold wins, the others are told how it ended',
    test: holds('two captures and a release race with'),
    changes: [['release', "h.state <> 'open'", 'false']],
  },
  {
    name: 'refund-in-order',
    rule: 'Refunds go back in reverse order of consumption',
    test: money('a refund > returns credit in reverse order'),
    changes: [
      [
        'refund',
        'for i in reverse cardinality(h.slice_place) .. 1 loop',
        'for i in 1 .. cardinality(h.slice_place) loop',
      ],
    ],
  },
  {
    name: 'refund-without-limit',
    rule: 'Refunds never exceed what was captured',
    test: money('a refund > returns credit in reverse order'),
    changes: [['refund', 'amount > h.captured - h.refunded', 'false']],
  },
  {
    name: 'debt-without-limit',
    rule: 'A postpaid charge ends in debt up to its limit',
    test: money('debt > a postpaid charge'),
    changes: [['charge', '< -debt_limit', '< -1000000']],
  },
  {
    name: 'promotional-repays',
    rule: 'A paid grant repays debt first, a promotional one only by choice',
    test: money('debt > a postpaid charge'),
    changes: [['grant', "coalesce(repay_debt, class = 'paid')", 'true']],
  },
  {
    name: 'reversal-forgets-repayers',
    rule: 'A reversal walks back: open debt first, then the lots that repaid it',
    test: money('debt > a postpaid charge'),
    changes: [
      ['reverse_debt', 'for i in reverse cardinality(d.repaid_lot) .. 1 loop', 'for i in 1 .. 0 loop'],
    ],
  },
  {
    name: 'payment-granted-twice',
    rule: 'A payment belongs to one grant of one account',
    test: money('a payment > is granted once'),
    changes: [['grant', 'if not found then\n      select a.id', 'if false then\n      select a.id']],
  },
  {
    name: 'clawback-not-cumulative',
    rule: 'Clawback posts only the difference to what was clawed back before',
    test: money('a payment > of 100 with 50 refunded'),
    changes: [['clawback', 'change := target - p.posted', 'change := target']],
  },
  {
    name: 'older-event-wins',
    rule: 'Events may come in any order: the largest figures win',
    test: money('a payment > of 100 with 50 refunded'),
    changes: [['learn', 'greatest(p.refunded, learn.refunded)', 'coalesce(learn.refunded, p.refunded)']],
  },
  {
    name: 'claim-forgotten-on-capture',
    rule: 'Clawed back while held: taken on release, owed on capture',
    test: money('a payment > clawed back while held'),
    changes: [['settle_slices', 'and t.claim > t.held', 'and false']],
  },
  {
    name: 'owed-out-of-order',
    rule: 'What was clawed back of several held lots is owed in the order of their slices',
    test: money('a payment > clawed back while several of its lots'),
    changes: [
      [
        'settle_slices',
        'for i in 1 .. cardinality(slice_lot) loop\n    select',
        'for i in reverse cardinality(slice_lot) .. 1 loop\n    select',
      ],
    ],
  },
  {
    name: 'refund-ignores-shortfall',
    rule: 'Credit that comes back to a lot settles its clawback shortfall first',
    test: money('a payment > clawed back while held'),
    changes: [['settle_freed', 'if w.debt > 0 and free > 0 then', 'if false then']],
  },
  {
    name: 'expired-is-owed',
    rule: 'What expired before a clawback is not owed',
    test: money('a payment > refunded after part of it had expired'),
    changes: [
      ['claw', 'select least(rest, coalesce(sum(t.expired + t.voided), 0) - p.forfeited)', 'select 0'],
    ],
  },
  {
    name: 'clawback-rounds-down',
    rule: 'Clawback rounds up and never takes more than the whole',
    test: money('a payment > a refunded third'),
    changes: [['clawback_target', 'ceil(', 'floor(']],
  },
  {
    name: 'voided-credit-returns',
    rule: 'Voiding removes what is free now and what is held when it is released',
    test: money('a lot > that is voided'),
    changes: [['settle_freed', 'if l.voided_at is not null then', 'if false then']],
  },
  {
    name: 'upcoming-is-spendable',
    rule: 'A lot that has not started is shown, not spendable',
    test: money('a lot > that starts later'),
    changes: [['new_lot', 'new_lot.effective_at <= w.at;', 'true;']],
  },
  {
    name: 'merge-leaves-payments',
    rule: 'Later clawbacks follow a merge',
    test: money('a merge moves lots'),
    changes: [
      [
        'merge',
        'update ledger.payment p set account_no = t.account_no',
        'update ledger.payment p set account_no = p.account_no',
      ],
    ],
  },
  {
    name: 'frozen-leases-run',
    rule: 'In a frozen account leases stop, and thawing loses nothing',
    test: money('a frozen account takes no writes'),
    changes: [['thaw', 'h.lease_until + frozen_for', 'h.lease_until']],
  },
  {
    name: 'any-intent-replays',
    rule: 'A key stands for one intent',
    test: input('a key > stands for one intent'),
    changes: [['begin_write', 'if stored_intent <> begin_write.intent then', 'if false then']],
  },
  {
    name: 'refusal-forgotten',
    rule: 'A refusal is remembered for its key',
    test: input('a key > of a refusal is remembered'),
    changes: [['refuse', 'insert into ledger.refusal values (f.*);', '']],
  },
  {
    name: 'batch-first-refusal-refuses-all',
    rule: 'In a batch a refused item never refuses a smaller one behind it',
    test: input('in a batch > a refused item'),
    changes: [['batch', 'refusals := refusals || f;', 'refusals := refusals || f;\n w.held := w.total;']],
  },
  {
    name: 'journal-can-be-changed',
    rule: 'The journal is never changed, not even by its owner',
    test: proof('the journal can be neither updated'),
    changes: [['refuse_change', "perform ledger.fail('LG013'", "return new; perform ledger.fail('LG013'"]],
  },
  {
    name: 'chain-skips-words',
    rule: 'One altered byte is found and named',
    test: proof('one altered byte'),
    changes: [['commitment', 'jsonb_build_array(key, reference, metadata)', 'jsonb_build_array(key)']],
  },
  {
    name: 'clock-before-lock',
    rule: 'Times never fall, and a past balance is stable for ever',
    test: proof('a past balance is stable'),
    changes: [['operation_at', '<= t then', '< t + interval $x$1 year$x$ then']],
  },
  {
    name: 'follower-reads-ahead',
    rule: 'Committed operations are followed in order, none missed',
    test: proof('committed operations are followed'),
    changes: [['operations', 'and o.tx < pg_snapshot_xmin(pg_current_snapshot())', '']],
  },
  {
    name: 'quick-hold-misorders',
    rule: 'The quick way of a hold takes the first lot in the order of spending',
    test: quick('the quick way alone > takes the first lot'),
    changes: [['place_hold', 'order by t.priority, ', 'order by ']],
  },
  {
    name: 'quick-hold-overfills',
    rule: 'The quick way of a hold never pins more than its lot has free',
    test: quick('the quick way alone > takes the first lot'),
    changes: [['place_hold', 't.remaining - t.held >= amount', 't.remaining >= amount']],
  },
  {
    name: 'quick-hold-forgets-refusals',
    rule: 'The quick way of a hold remembers refusals by their keys',
    test: quick('the quick way alone > remembers results'),
    changes: [['place_hold', 'r.key = place_hold.key', 'false']],
  },
  {
    name: 'quick-capture-forgets-claims',
    rule: 'The quick way of a capture leaves what was clawed back to the general one',
    test: quick('the quick way alone > owes what was clawed back'),
    changes: [['capture', 'l.claim = 0 and ', '']],
  },
  {
    name: 'quick-capture-fills-voided-lots',
    rule: 'The quick way of a capture leaves voided lots to the general one',
    test: quick('the quick way alone > gives nothing back'),
    changes: [['capture', 'l.voided_at is null and ', '']],
  },
  {
    name: 'quick-capture-fills-expired-lots',
    rule: 'The quick way of a capture leaves expired lots to the general one',
    test: quick('the quick way alone > gives nothing back'),
    changes: [['capture', 'and l.expires_at > now', '']],
  },
  {
    name: 'quick-batch-forgets-leases',
    rule: 'The quick way of a batch knows when its leases end',
    test: quick('the quick way in a batch > a hold it has placed'),
    changes: [['run_batch', 'least(t.due_at, d.first_lapse)', 't.due_at']],
  },
  {
    name: 'quick-batch-saves-the-first',
    rule: 'What a batch saves of an account is how its last item leaves it',
    test: quick('the quick way in a batch > a hold it has placed'),
    changes: [['run_batch', 'row_number() over w = d.size', 'row_number() over w = 1']],
  },
  {
    name: 'quick-batch-misorders',
    rule: 'The quick way of a batch takes the first lot in the order of spending',
    test: quick('the quick way in a batch > takes the first lot'),
    changes: [['run_batch', 'order by t.priority, ', 'order by ']],
  },
  {
    name: 'quick-batch-overfills',
    rule: 'The quick way of a batch never pins more than its lot has free',
    test: quick('the quick way in a batch > takes the first lot'),
    changes: [['run_batch', 'coalesce(g.wanted <= l.free, false)', 'true']],
  },
  {
    name: 'quick-batch-forgets-refusals',
    rule: 'The quick way of a batch remembers refusals by their keys',
    test: quick('the quick way in a batch > remembers results'),
    changes: [['run_batch', 'r.key = i.key', 'false']],
  },
  {
    name: 'quick-batch-forgets-claims',
    rule: 'The quick way of a batch leaves what was clawed back to the general one',
    test: quick('the quick way in a batch > owes what was clawed back'),
    changes: [['run_batch', 't.claim = 0 and ', '']],
  },
  {
    name: 'quick-batch-fills-voided-lots',
    rule: 'The quick way of a batch leaves voided lots to the general one',
    test: quick('the quick way in a batch > gives nothing back'),
    changes: [['run_batch', 't.voided_at is null and ', '']],
  },
  {
    name: 'quick-batch-forgets-earlier-lots',
    rule: 'In one batch, credit that comes back to an earlier lot is taken first',
    test: quick('in one batch, credit that comes back'),
    changes: [['run_batch', 'and (g.wanted = 0 or row(', 'and (true or row(']],
  },
];
