-- Mails, while no SMTP server is set: read on a local page.
create table holdfast.local_mail (
  id text primary key,
  recipient text not null,
  subject text not null,
  body text not null,
  -- The address the mail asks its reader to open.
  link text,
  written_at timestamptz not null default holdfast.clock()
);
create index local_mail_written_at_idx on holdfast.local_mail (written_at desc);
