import type { Checkout } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/api.ts';
import { useAttemptKey } from '../../lib/use-attempt-key.ts';

export type Wanted = { kind: 'pack' | 'plan'; id: string; currency: string; saveCard?: boolean };

/** Opens a checkout and goes there. A press that got no answer keeps its key: pressing again opens the same one. */
export function useCheckout() {
  const attempt = useAttemptKey();
  return useMutation({
    mutationFn: (wanted: Wanted): Promise<Checkout> => {
      const addresses = {
        success_url: `${window.location.origin}/payment`,
        cancel_url: window.location.href,
        currency: wanted.currency,
      };
      const options = { idempotencyKey: attempt.key() };
      return wanted.kind === 'pack'
        ? api.buyCredits({ credit_package: wanted.id, save_card: wanted.saveCard, ...addresses }, options)
        : api.subscribe({ plan: wanted.id, ...addresses }, options);
    },
    onSuccess: ({ checkout_url }) => {
      attempt.settled();
      window.location.assign(checkout_url);
    },
    onError: attempt.failed,
  });
}
