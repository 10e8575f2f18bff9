-- Objects whose last row has let go of them: written with what let go, and removed from storage by whoever comes by, however often somebody dies
-- in between.
create table holdfast.unwanted_object (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  due_at timestamptz not null default holdfast.clock()
);
create index unwanted_object_due_idx on holdfast.unwanted_object (due_at);

-- Objects are looked for by their names when it is asked whether anything still needs them.
create index if not exists asset_sha256_idx on holdfast.asset (sha256);
create index if not exists asset_poster_idx on holdfast.asset (poster_sha256) where poster_sha256 is not null;
create index if not exists upload_sha256_idx on holdfast.upload (sha256);
