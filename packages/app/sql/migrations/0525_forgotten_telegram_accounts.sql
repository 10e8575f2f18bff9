-- Who deleted their account here and had got what everyone starts with: not to be given twice. Nothing but a keyed hash of their number.
create table holdfast.telegram_departed (
  fingerprint bytea primary key check (length(fingerprint) = 32),
  departed_at timestamptz not null default holdfast.clock()
);
