-- The first answer to each write that named an Idempotency-Key, for as long as the person exists: a retry gets it again.
-- POST /api/generations keeps its own, in the transaction that places the hold.
create table holdfast.answered_request (
  person_id text not null references holdfast.person (id),
  key text not null check (length(key) between 1 and 200),
  -- Method, path and body, hashed: the same key with another intent is a conflict.
  fingerprint bytea not null,
  -- Null while the first request is under way. A claim left by a process that died is taken over once it is stale.
  status integer,
  content_type text,
  body bytea,
  claimed_at timestamptz not null default holdfast.clock(),
  primary key (person_id, key)
);

-- Requests counted by window, summed over all servers. Unlogged: after a crash of the database everyone starts a fresh window.
create unlogged table holdfast.request_count (
  bucket text not null,
  window_start timestamptz not null,
  requests integer not null,
  primary key (bucket, window_start)
);
create index request_count_window_start_idx on holdfast.request_count (window_start);

-- Secrets that every server must share and nobody has to invent: made at the first start.
create table holdfast.server_secret (
  name text primary key,
  value text not null,
  created_at timestamptz not null default holdfast.clock()
);
