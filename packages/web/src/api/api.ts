import { HoldfastClient } from '@holdfast/client';

/** This page's own server, spoken to in the name of the session's cookie. Reading is tried again by the query cache, not here. */
export const api = new HoldfastClient({ retries: 0 });
