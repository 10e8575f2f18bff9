import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { auth } from '../api/auth.ts';
import { queries } from '../api/queries.ts';
import { setTheme, useTheme } from '../lib/theme.ts';
import { Button } from '../parts/button.tsx';
import { Page, Section } from '../parts/page.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { Segmented } from '../parts/segmented.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { accountWords as words } from '../words/account.ts';
import { commonWords } from '../words/common.ts';
import { ApiKeys } from './account-parts/api-keys.tsx';
import { Mails } from './account-parts/mails.tsx';
import { Password } from './account-parts/password.tsx';
import { Profile } from './account-parts/profile.tsx';
import { Telegram } from './account-parts/telegram.tsx';
import { Sessions } from './account-parts/sessions.tsx';
import { Webhooks } from './account-parts/webhooks.tsx';

export function Account() {
  const me = useQuery(queries.me);
  const settings = useQuery(queries.settings);
  return (
    <Page title={words.title} aside={<Aside operator={me.data?.role === 'operator'} />}>
      <div className="grid gap-9">
        <Section title={words.profile.title}>
          <Await query={me} loading={<Bone className="h-40 rounded-2xl" />}>
            {(person) => <Profile person={person} />}
          </Await>
        </Section>
        <Section title={words.appearance.title}>
          <Appearance />
        </Section>
        {settings.data?.telegram && <Telegram />}
        {me.data && <Mails person={me.data} />}
        <ApiKeys />
        <Webhooks />
        <Sessions />
        <Password />
      </div>
    </Page>
  );
}

function Aside({ operator }: { operator: boolean }) {
  return (
    <div className="flex flex-wrap gap-2">
      {operator && (
        <Button asChild className="md:hidden">
          <Link to="/operator">{commonWords.nav.operator}</Link>
        </Button>
      )}
      <SignOut />
    </div>
  );
}

function Appearance() {
  const theme = useTheme();
  return (
    <Segmented
      label={words.appearance.title}
      className="w-full sm:w-80"
      value={theme}
      onChange={setTheme}
      choices={[
        {
          value: 'system',
          label: commonWords.theme.system,
          icon: <Monitor aria-hidden className="size-3.5" />,
        },
        { value: 'light', label: commonWords.theme.light, icon: <Sun aria-hidden className="size-3.5" /> },
        { value: 'dark', label: commonWords.theme.dark, icon: <Moon aria-hidden className="size-3.5" /> },
      ]}
    />
  );
}

function SignOut() {
  const signOut = useMutation({
    mutationFn: auth.signOut,
    onSuccess: () => {
      sessionStorage.clear();
      // A fresh page: nothing of this person stays in memory.
      window.location.assign('/');
    },
  });
  return (
    <div>
      <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
        {!signOut.isPending && <LogOut aria-hidden className="size-4" />}
        {words.signOut}
      </Button>
      <ProblemNotice error={signOut.error} />
    </div>
  );
}
