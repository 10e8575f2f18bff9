export type Product = 'neurocard' | 'reels';

/** Everything the bot says, in one language. Amounts of credits come with their word already: `credits(50n)`. */
export interface BotWords {
  readonly credits: (amount: bigint) => string;
  readonly welcome: (name: string, gift: bigint) => string;
  readonly accept: string;
  readonly terms: (url: string) => string;
  readonly chooseProduct: string;
  readonly products: Readonly<Record<Product, string>>;
  readonly productHelp: Readonly<Record<Product, string>>;
  readonly sendPhoto: (product: string) => string;
  readonly needPhoto: string;
  readonly photoTooLarge: (megabytes: number) => string;
  readonly photoUnreadable: string;
  readonly photoTaken: string;
  readonly albumFirst: string;
  readonly describe: Readonly<Record<Product, string>>;
  readonly skip: string;
  readonly needText: string;
  readonly textTooLong: (most: number, given: number) => string;
  readonly nameTooLong: (most: number) => string;
  readonly chooseStyle: string;
  readonly restyle: string;
  readonly surprise: string;
  /** By the values of the models that come along; another model's are said as it names them. */
  readonly styles: Readonly<Record<string, string>>;
  readonly confirm: (facts: {
    product: string;
    seconds: number;
    price: bigint;
    available: bigint;
    held: bigint;
  }) => string;
  readonly confirmButton: (price: bigint, available: bigint) => string;
  readonly cancel: string;
  readonly cancelled: string;
  readonly tooLittle: (facts: { price: bigint; available: bigint; shortfall: bigint }) => string;
  readonly buy: string;
  readonly priceChanged: string;
  readonly offerGone: string;
  readonly alreadyStarted: string;
  readonly nothingHeld: string;
  readonly starting: string;
  readonly queued: (position: number | null) => string;
  readonly running: (percent: number | null, kind: 'video' | 'image') => string;
  readonly saving: string;
  readonly unknown: string;
  readonly heldNow: (amount: bigint) => string;
  readonly eta: (from: number, to: number) => string;
  readonly balance: (facts: {
    available: bigint;
    held: bigint;
    expiry: { amount: bigint; date: string } | null;
  }) => string;
  readonly packs: string;
  readonly noPacks: string;
  readonly pack: (credits: bigint, stars: number) => string;
  readonly packTitle: (credits: bigint) => string;
  readonly packDescription: (credits: bigint) => string;
  readonly notSold: string;
  readonly paid: (credits: bigint, available: bigint) => string;
  readonly refundedStars: (credits: bigint) => string;
  readonly historyTitle: string;
  readonly historyEmpty: string;
  readonly onItsWay: string;
  readonly invite: (link: string, invited: number) => string;
  readonly paySupport: (contact: string) => string;
  readonly chooseLanguage: string;
  readonly languageChosen: string;
  /** Before they are told that everything is gone: all that goes, and all that stays. */
  readonly deleteWarning: (credits: bigint) => string;
  readonly deleteButton: string;
  readonly deleteBusy: string;
  readonly deleted: string;
  /** Where the Telegram account is linked with one on the web, which stays. */
  readonly unlinkWarning: (facts: { account: string; credits: bigint; contact: string }) => string;
  readonly unlinkButton: string;
  readonly unlinked: string;
  readonly linkAsk: (account: string) => string;
  readonly linkConfirm: string;
  readonly linkWaits: string;
  readonly linkInvalid: string;
  readonly notUnderstood: string;
  readonly somethingBroke: string;
  readonly locked: (amount: bigint) => string;
  readonly unlocked: string;
  readonly waitPlease: string;
  readonly commands: Readonly<Record<CommandName, string>>;
}

export const commandNames = [
  'start',
  'balance',
  'buy',
  'history',
  'invite',
  'language',
  'terms',
  'paysupport',
  'delete',
] as const;
export type CommandName = (typeof commandNames)[number];
