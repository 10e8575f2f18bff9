-- Whoever asks for a generation somewhere else than on the web says, before asking, where its result is wanted. It names the request by the
-- key that it is about to use, so that nothing is lost between the two.
create table holdfast.delivery_wish (
  id text primary key check (id ~ '^wsh_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  command text not null check (command in ('create', 'again')),
  key text not null,
  channel text not null check (channel in ('telegram')),
  -- The chat.
  target text not null,
  -- The one message that tells how it goes, once it has been sent.
  status_message_id bigint,
  -- What that message was last edited to say, and when it may be edited again; null when nothing more is to be said.
  shown text,
  edit_due_at timestamptz default holdfast.clock(),
  -- When its end was planned as deliveries.
  ended_at timestamptz,
  created_at timestamptz not null default holdfast.clock(),
  unique (person_id, command, key)
);
create index delivery_wish_open_idx on holdfast.delivery_wish (person_id) where ended_at is null;
create index delivery_wish_edit_idx on holdfast.delivery_wish (edit_due_at) where edit_due_at is not null;

-- One thing to be told or handed over, on one channel. The row is the truth; whoever works it raises its claim.
create table holdfast.delivery (
  id text primary key check (id ~ '^dlv_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  generation_id text not null references holdfast.generation (id),
  event text not null check (event in ('succeeded', 'failed', 'cancelled', 'refunded', 'resent')),
  channel text not null check (channel in ('library', 'telegram', 'mail', 'webhook')),
  -- A chat, a mail address, or the id of a webhook's endpoint; '' in the library.
  target text not null default '',
  -- Tells several of the same kind apart: the press of a button that asked for another copy.
  asked_by text not null default '',
  wish_id text references holdfast.delivery_wish (id),
  state text not null default 'pending' check (state in ('pending', 'sending', 'delivered', 'refused', 'uncertain')),
  -- Sends that left, or may have; of them, those that were proven to be refused by the other side.
  attempts integer not null default 0,
  refusals integer not null default 0,
  -- When somebody must look at it at the latest; null exactly when it is final.
  due_at timestamptz default holdfast.clock(),
  claim bigint not null default 0,
  claimed_until timestamptz,
  reason text,
  detail text,
  -- What the channel keeps: a message's number, the way it was sent.
  facts jsonb not null default '{}',
  created_at timestamptz not null default holdfast.clock(),
  finished_at timestamptz,
  unique (generation_id, event, channel, target, asked_by),
  constraint delivery_due check ((state in ('pending', 'sending')) = (due_at is not null)),
  constraint delivery_finished check ((state in ('pending', 'sending')) = (finished_at is null)),
  constraint delivery_told check (state in ('pending', 'sending', 'delivered') or reason is not null)
) with (fillfactor = 80);
create index delivery_due_idx on holdfast.delivery (due_at) where due_at is not null;
create index delivery_person_idx on holdfast.delivery (person_id, id);
create index delivery_target_idx on holdfast.delivery (channel, target, id) where channel = 'webhook';

-- One send, noted before it leaves.
create table holdfast.delivery_attempt (
  delivery_id text not null references holdfast.delivery (id),
  number integer not null check (number > 0),
  way text not null default '',
  started_at timestamptz not null default holdfast.clock(),
  ended_at timestamptz,
  outcome text check (outcome in ('delivered', 'refused', 'uncertain', 'again')),
  reason text,
  detail text,
  http_status integer,
  primary key (delivery_id, number),
  check ((outcome is null) = (ended_at is null))
);

-- A file that Telegram already has: sent by its name, it is a tiny request.
create table holdfast.telegram_file (
  bot_id bigint not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind in ('video', 'photo', 'document')),
  file_id text not null,
  stored_at timestamptz not null default holdfast.clock(),
  primary key (bot_id, sha256, kind)
);

-- Where a person's own programs are told. The secret signs; while it is being changed the one before signs as well.
create table holdfast.webhook_endpoint (
  id text primary key check (id ~ '^whk_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  url text not null check (length(url) between 9 and 2000),
  secret text not null check (secret ~ '^whsec_[A-Za-z0-9+/]{32,88}=*$'),
  earlier_secret text,
  earlier_secret_until timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  removed_at timestamptz,
  created_at timestamptz not null default holdfast.clock(),
  check (num_nulls(earlier_secret, earlier_secret_until) in (0, 2))
);
create index webhook_endpoint_person_idx on holdfast.webhook_endpoint (person_id) where removed_at is null;

-- What a person wants to be told, where it is not the usual.
create table holdfast.notification_preference (
  person_id text not null references holdfast.person (id),
  channel text not null check (channel in ('mail', 'telegram')),
  topic text not null check (topic in ('ready', 'failed', 'news')),
  wanted boolean not null,
  changed_at timestamptz not null default holdfast.clock(),
  primary key (person_id, channel, topic)
);

-- Credits that went back because a file was proven not to have reached the person, through no doing of theirs. One per generation, in the
-- transaction of the refund; its files are locked until they are paid for again.
create table holdfast.generation_refund (
  generation_id text primary key references holdfast.generation (id),
  person_id text not null references holdfast.person (id),
  delivery_id text references holdfast.delivery (id),
  amount bigint not null check (amount > 0),
  reason text not null,
  refunded_at timestamptz not null default holdfast.clock(),
  -- Paid for again: the files open.
  unlocked_at timestamptz,
  unlock_charge text,
  check (num_nulls(unlocked_at, unlock_charge) in (0, 2))
);
create index generation_refund_person_idx on holdfast.generation_refund (person_id);
