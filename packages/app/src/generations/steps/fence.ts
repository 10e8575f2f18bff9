import { isRemoved } from '../../platform/test-switch.ts';

/** The guard of every write: `$2` is the claim it is made under. Whoever lost that claim changes nothing. */
export const same_claim = isRemoved('claim') ? '$2::bigint is not null' : 'claim = $2';
