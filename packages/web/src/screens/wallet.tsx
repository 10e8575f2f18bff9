import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Await, Bone } from '../parts/states.tsx';
import { walletWords as words } from '../words/wallet.ts';
import { BalanceSum } from './wallet-parts/balance-sum.tsx';
import { Buy } from './wallet-parts/buy.tsx';
import { Holds } from './wallet-parts/holds.tsx';
import { History } from './wallet-parts/history.tsx';
import { Lots } from './wallet-parts/lots.tsx';
import { Orders } from './wallet-parts/orders.tsx';
import { PlanSection } from './wallet-parts/plan.tsx';
import { TopUp } from './wallet-parts/top-up.tsx';

/** What there is, where it came from, when it expires, what holds it, and every movement. */
export function Wallet() {
  const balance = useQuery(queries.balance);
  const me = useQuery(queries.me);
  const waiting = me.data?.credits_waiting_for_verification ?? 0;
  return (
    <Page title={words.title}>
      <div className="grid gap-9">
        {waiting > 0 && (
          <Notice
            tone="held"
            action={
              <Button asChild size="small">
                <Link to="/verify-email">{words.verify}</Link>
              </Button>
            }
          >
            {words.waiting(waiting)}
          </Notice>
        )}
        <Await query={balance} loading={<Loading />}>
          {(data) => (
            <>
              <BalanceSum balance={data} />
              <Buy />
              <PlanSection />
              <Holds />
              <Lots />
              <Orders />
              <TopUp />
              <History />
            </>
          )}
        </Await>
      </div>
    </Page>
  );
}

function Loading() {
  return (
    <div className="grid gap-9">
      <Bone className="h-44 rounded-2xl" />
      <Bone className="h-28 rounded-2xl" />
      <Bone className="h-64 rounded-2xl" />
    </div>
  );
}
