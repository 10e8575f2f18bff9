import type { Channel } from '../rules.ts';

/** `holdfast.delivery` as it stands in the table. */
export interface DeliveryRow {
  id: string;
  person_id: string;
  generation_id: string;
  event: 'succeeded' | 'failed' | 'cancelled' | 'refunded' | 'resent';
  channel: Exclude<Channel, 'library'>;
  target: string;
  asked_by: string;
  wish_id: string | null;
  state: 'pending' | 'sending' | 'delivered' | 'refused' | 'uncertain';
  attempts: number;
  refusals: number;
  due_at: Date | null;
  claim: bigint;
  claimed_until: Date | null;
  reason: string | null;
  detail: string | null;
  facts: Record<string, unknown>;
  created_at: Date;
  finished_at: Date | null;
}
