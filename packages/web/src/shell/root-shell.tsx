import { Outlet } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { useOnline } from '../lib/use-online.ts';
import { WifiOff } from 'lucide-react';
import { commonWords as words } from '../words/common.ts';

export function RootShell() {
  const online = useOnline();
  return (
    <Tooltip.Provider delayDuration={250}>
      {!online && (
        <output className="flex items-center justify-center gap-2 bg-held-soft px-4 py-2 text-center text-sm text-held">
          <WifiOff aria-hidden className="size-4 shrink-0" />
          {words.offlineBanner}
        </output>
      )}
      <Outlet />
    </Tooltip.Provider>
  );
}
