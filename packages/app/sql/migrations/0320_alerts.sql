-- What an operator must know of: one row per key. Raised again while open, it is only counted.
create table holdfast.alert (
  key text primary key check (length(key) between 1 and 200),
  severity text not null check (severity in ('warning', 'critical')),
  title text not null,
  detail text not null,
  link text,
  opened_at timestamptz not null default holdfast.clock(),
  last_raised_at timestamptz not null default holdfast.clock(),
  -- Since it was opened last.
  raises integer not null default 1,
  -- How often it was opened, this time included.
  openings integer not null default 1,
  -- Null while it is open.
  cleared_at timestamptz,
  -- What the operator believes: the last that was handed to the channels, when, and as how severe.
  told text check (told in ('raised', 'cleared')),
  told_severity text,
  told_raised_at timestamptz
);
create index alert_open_idx on holdfast.alert (opened_at) where cleared_at is null;
create index alert_to_tell_idx on holdfast.alert (key)
  where (cleared_at is null) <> (told is not distinct from 'raised') or told_severity is distinct from severity;

-- One thing to be told through one channel. What it says is as it was then.
create table holdfast.alert_notice (
  id text primary key,
  alert_key text not null,
  channel text not null,
  about text not null check (about in ('raised', 'cleared')),
  content jsonb not null,
  created_at timestamptz not null default holdfast.clock(),
  -- Null once it has been delivered or given up.
  due_at timestamptz default holdfast.clock(),
  attempts integer not null default 0,
  last_error text,
  delivered_at timestamptz,
  -- Those that went out together have the same.
  message_id text
);
create index alert_notice_due_idx on holdfast.alert_notice (channel, due_at) where due_at is not null;
create index alert_notice_delivered_idx on holdfast.alert_notice (channel, delivered_at) where delivered_at is not null;
create index alert_notice_created_idx on holdfast.alert_notice (created_at);
