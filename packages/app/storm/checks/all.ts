import type { Facts, Violation } from '../facts.ts';
import { chatsHaveWhatWasAsked } from './chats.ts';
import { chargedForDeliveryAlone, receiptsAddUp } from './charges.ts';
import { nobodyDiedByThemselves } from './crashes.ts';
import { drynessIsWaitedFor } from './dryness.ts';
import { decisionsWereRight } from './decisions.ts';
import { nobodyWaitsTooLong } from './fairness.ts';
import { everyGenerationIsFinal } from './final.ts';
import { oneGenerationPerWish } from './keys.ts';
import { ledgerIsWhole } from './ledger.ts';
import { everyOrphanCostIsListed } from './orphans.ts';
import { everyMoveIsLegal } from './moves.ts';
import { atMostOnePaidPost } from './posts.ts';

const checks: readonly ((facts: Facts) => Violation[])[] = [
  everyGenerationIsFinal,
  chargedForDeliveryAlone,
  receiptsAddUp,
  everyMoveIsLegal,
  atMostOnePaidPost,
  everyOrphanCostIsListed,
  decisionsWereRight,
  oneGenerationPerWish,
  ledgerIsWhole,
  chatsHaveWhatWasAsked,
  drynessIsWaitedFor,
  nobodyWaitsTooLong,
  nobodyDiedByThemselves,
];

/** Everything that must hold after a storm. */
export function violationsIn(facts: Facts): Violation[] {
  return checks.flatMap((check) => check(facts));
}
