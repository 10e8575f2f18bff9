-- A Telegram account as a way of being somebody here. Its person may also sign in on the web, once the two have been linked.
create table holdfast.telegram_account (
  telegram_id bigint primary key check (telegram_id > 0),
  person_id text not null unique references holdfast.person (id),
  -- Where to write to.
  chat_id bigint not null,
  username text,
  first_name text not null default '',
  locale text not null default 'en' check (locale in ('en', 'ru', 'zh')),
  terms_accepted_at timestamptz,
  -- Blocked, deactivated or gone: nothing is sent until they are back.
  unreachable_since timestamptz,
  unreachable_reason text,
  created_at timestamptz not null default holdfast.clock(),
  check (num_nulls(unreachable_since, unreachable_reason) in (0, 2))
);
create index telegram_account_chat_idx on holdfast.telegram_account (chat_id);

create table holdfast.invite_code (
  code text primary key check (code ~ '^[0-9a-z]{8}$'),
  person_id text not null unique references holdfast.person (id),
  created_at timestamptz not null default holdfast.clock()
);

create table holdfast.invitation (
  invitee_id text primary key references holdfast.person (id),
  inviter_id text not null references holdfast.person (id),
  invited_at timestamptz not null default holdfast.clock(),
  check (invitee_id <> inviter_id)
);
create index invitation_inviter_idx on holdfast.invitation (inviter_id);

-- Made on the web, shown once, used once in Telegram within minutes, and confirmed on both sides.
create table holdfast.telegram_link (
  id text primary key check (id ~ '^lnk_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  code_sha256 bytea not null unique,
  telegram_id bigint,
  telegram_name text,
  expires_at timestamptz not null,
  -- Confirmed in Telegram; then on the web, which is when the two become one.
  telegram_confirmed_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default holdfast.clock(),
  check ((telegram_id is null) = (telegram_confirmed_at is null))
);
create index telegram_link_person_idx on holdfast.telegram_link (person_id, id);

-- Updates as Telegram sent them, each once by its number. Done in the order of their numbers within a chat, one at a time.
create table holdfast.bot_update (
  bot_id bigint not null,
  update_id bigint not null,
  -- Whose turn it is; 0 where it concerns no chat.
  chat_id bigint not null,
  payload jsonb not null,
  received_at timestamptz not null default holdfast.clock(),
  claim bigint not null default 0,
  claimed_until timestamptz,
  failures integer not null default 0,
  done_at timestamptz,
  primary key (bot_id, update_id)
);
create index bot_update_open_idx on holdfast.bot_update (bot_id, chat_id, update_id) where done_at is null;
create index bot_update_done_idx on holdfast.bot_update (done_at) where done_at is not null;

-- Where a person is in the conversation. Written with the update that moved it.
create table holdfast.bot_conversation (
  chat_id bigint primary key,
  state jsonb not null,
  changed_at timestamptz not null default holdfast.clock()
);

-- Which process asks Telegram for updates, where it is not called: only one may.
create table holdfast.bot_poller (
  bot_id bigint primary key,
  holder text not null,
  held_until timestamptz not null,
  next_offset bigint not null default 0
);
