-- A person's photo, re-encoded on arrival. The object is named by its content.
create table holdfast.upload (
  id text primary key check (id ~ '^upl_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text not null,
  bytes bigint not null check (bytes > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  created_at timestamptz not null default holdfast.clock()
);
create index upload_person_idx on holdfast.upload (person_id, id);

-- A file that a generation made, in the person's library from the instant of `succeeded`.
create table holdfast.asset (
  id text primary key check (id ~ '^ast_[0-9a-z]{26}$'),
  person_id text not null references holdfast.person (id),
  generation_id text not null references holdfast.generation (id),
  output integer not null check (output >= 0),
  kind text not null check (kind in ('video', 'image')),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text not null,
  bytes bigint not null check (bytes > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  duration_ms integer check (duration_ms > 0),
  poster_sha256 text check (poster_sha256 ~ '^[0-9a-f]{64}$'),
  poster_content_type text,
  poster_bytes bigint,
  created_at timestamptz not null default holdfast.clock(),
  unique (generation_id, output),
  check ((kind = 'video') = (duration_ms is not null)),
  check (num_nulls(poster_sha256, poster_content_type, poster_bytes) in (0, 3))
);
