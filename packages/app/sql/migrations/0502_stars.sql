-- Packs that are paid in Telegram Stars: data that an operator edits. A changed pack is a new row: invoices that lie in chats name the old one.
create table holdfast.star_pack (
  id text primary key check (id ~ '^[a-z0-9_-]{1,40}$'),
  credits bigint not null check (credits > 0),
  stars integer not null check (stars between 1 and 25000),
  -- Calendar months that its credits live; null is for ever.
  lot_months integer check (lot_months > 0),
  position integer not null default 0,
  offered boolean not null default true,
  created_at timestamptz not null default holdfast.clock()
);
insert into holdfast.star_pack (id, credits, stars, lot_months, position)
values ('small', 100, 250, 6, 1), ('medium', 300, 700, 6, 2), ('large', 1000, 2200, 6, 3);

-- One invoice in a chat. It may be paid again and again: each charge is a payment of its own.
create table holdfast.star_order (
  id text primary key check (id ~ '^sto_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  pack_id text not null references holdfast.star_pack (id),
  credits bigint not null,
  stars integer not null,
  lot_months integer,
  created_at timestamptz not null default holdfast.clock()
);

-- One charge, by Telegram's name for it, written in the transaction that grants what it bought.
create table holdfast.star_payment (
  charge_id text primary key check (length(charge_id) between 1 and 200),
  person_id text not null references holdfast.person (id),
  telegram_id bigint not null,
  -- Null where the payload named none of ours: paid, granted nothing, and for an operator to look at.
  order_id text references holdfast.star_order (id),
  payload text not null,
  stars integer not null check (stars > 0),
  credits bigint not null check (credits >= 0),
  paid_at timestamptz not null,
  -- Asked of Telegram before; taken back from the ledger after.
  refund_asked_at timestamptz,
  refunded_at timestamptz,
  refund_reason text,
  -- When the list of transactions last had it.
  seen_at timestamptz,
  created_at timestamptz not null default holdfast.clock()
);
create index star_payment_person_idx on holdfast.star_payment (person_id);
