import { useQuery } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { queries } from '../api/queries.ts';
import { welcomeWords } from '../words/welcome.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** Where no mail server is set up: says so, and where the mail can be read. Nothing otherwise. */
export function LocalMail() {
  const { data } = useQuery(queries.settings);
  if (!data?.local_mail_url) return null;
  return (
    <Notice
      action={
        <Button asChild size="small">
          <a href={data.local_mail_url} target="_blank" rel="noreferrer">
            <ExternalLink aria-hidden className="size-3.5" />
            {welcomeWords.verify.openLocal}
          </a>
        </Button>
      }
    >
      {welcomeWords.verify.local}
    </Notice>
  );
}
