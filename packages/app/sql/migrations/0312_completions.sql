-- What an external renderer says of a task when it has ended: the first word stands.
create table holdfast.completion (
  attempt_id text primary key references holdfast.attempt (id),
  status text not null check (status in ('succeeded', 'failed')),
  output_duration_seconds numeric(12, 3) check (output_duration_seconds >= 0),
  output_url text check (length(output_url) <= 2000),
  error text check (length(error) <= 2000),
  received_at timestamptz not null default holdfast.clock()
);

-- Seconds by its maker's own word, where it hands the result over itself and gives us no file; 0 for pieces.
alter table holdfast.attempt add column declared_seconds numeric(12, 3) check (declared_seconds >= 0);

-- There is no file of it here: whoever made it has handed it over. Charged by the maker's word, never above the quote.
alter table holdfast.generation add column delivered_elsewhere boolean not null default false,
  add constraint generation_elsewhere check (not delivered_elsewhere or state = 'succeeded');
