import type { Me } from '@holdfast/client';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatDay } from '../../lib/format.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Card } from '../../parts/page.tsx';
import { accountWords } from '../../words/account.ts';

const words = accountWords.profile;

export function Profile({ person }: { person: Me }) {
  return (
    <Card>
      <dl className="divide-y divide-line text-sm">
        <Row name={words.name}>{person.name}</Row>
        <Row name={words.email}>
          <span className="min-w-0 truncate">{person.email ?? words.noEmail}</span>
          {person.email && <Verification verified={person.email_verified} />}
        </Row>
        <Row name={words.since}>
          <Moment at={person.created_at} format={formatDay} />
        </Row>
        <Row name={words.id}>
          <span className="flex min-w-0 items-center gap-1">
            <span className="truncate font-mono text-xs text-ink-2">{person.id}</span>
            <CopyButton text={person.id} label={words.id} />
          </span>
        </Row>
      </dl>
    </Card>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] items-center gap-3 px-4 py-2.5 sm:grid-cols-[10rem_minmax(0,1fr)] sm:px-5">
      <dt className="text-ink-3">{name}</dt>
      <dd className="flex min-h-7 min-w-0 flex-wrap items-center gap-x-3 gap-y-1">{children}</dd>
    </div>
  );
}

function Verification({ verified }: { verified: boolean }) {
  if (verified) {
    return (
      <span className="flex items-center gap-1 text-xs font-medium text-accent">
        <CircleCheck aria-hidden className="size-3.5" />
        {words.verified}
      </span>
    );
  }
  return (
    <span className="flex items-center gap-2 text-xs">
      <span className="font-medium text-held">{words.unverified}</span>
      <Link to="/verify-email" className="rounded font-medium text-accent underline underline-offset-3">
        {words.verify}
      </Link>
    </span>
  );
}
