import type { Attempt } from '../port.ts';
import { PrivateAddressError, refusePrivateLiteral } from './address-guard.ts';

/**
 * Where a vendor is to call, or null where it couldn't: vendors call https addresses of the public internet, and some refuse a whole request for
 * naming another. What isn't called about is asked about.
 */
export function callbackAddress(
  attempt: Pick<Attempt, 'callbackUrl'>,
  options: { readonly allowPrivateAddresses: boolean },
): string | null {
  const { callbackUrl } = attempt;
  if (callbackUrl === null || options.allowPrivateAddresses) return callbackUrl;
  const url = new URL(callbackUrl);
  if (url.protocol !== 'https:') return null;
  try {
    refusePrivateLiteral(url);
    return callbackUrl;
  } catch (error) {
    if (error instanceof PrivateAddressError) return null;
    throw error;
  }
}
