import type { Command } from 'commander';
import { wholeNumber, wholeNumberOrSetting } from './arguments.ts';
import { byHand, why } from './by-hand.ts';
import type { Why } from './by-hand.ts';
import type { CommandTools } from './operator.ts';
import { tiersAssign, tiersList, tiersSet } from './tiers.ts';
import type { TierOptions } from './tiers.ts';

/** `holdfast tiers ...`: what people of each tier may do at once. */
export function addTierCommands(tiers: Command, { answer, run }: CommandTools): void {
  answer(tiers, 'list', 'Every tier with its limits and how many people are in it.').action(() =>
    run(async ({ context }) => tiersList(context.db)),
  );

  answer(tiers, 'set <id>', 'Make a tier, or edit it. A limit of "setting" follows the settings.')
    .option('--name <name>', 'what people see')
    .option('--priority <n>', 'turns per round of a queue, 1 to 10', wholeNumber(1, 10))
    .option('--max-running <n>', 'generations of one person that run at once', wholeNumberOrSetting(1, 1000))
    .option('--max-unfinished <n>', 'that may be unfinished', wholeNumberOrSetting(1, 10_000))
    .option('--video-cooldown <s>', 'seconds between two videos', wholeNumberOrSetting(0, 86_400))
    .option('--image-cooldown <s>', 'seconds between two images', wholeNumberOrSetting(0, 86_400))
    .option(
      '--debt-limit <credits>',
      'how far postpaid may go into debt',
      wholeNumberOrSetting(0, 999_999_999),
    )
    .option(...why)
    .action((id: string, { reason, ...options }: TierOptions & Why) =>
      run(async ({ context }) => tiersSet(context.db, byHand(reason), id, options)),
    );

  answer(tiers, 'assign <who> <tier>', 'Put one person into a tier.')
    .option(...why)
    .action((who: string, tier: string, { reason }: Why) =>
      run(async ({ operations }) => tiersAssign(operations, byHand(reason), who, tier)),
    );
}
