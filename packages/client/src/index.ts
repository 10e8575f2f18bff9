export * from './contract/account.ts';
export * from './contract/common.ts';
export * from './contract/credits.ts';
export * from './contract/doors.ts';
export * from './contract/generations.ts';
export * from './contract/models.ts';
export * from './contract/quotes.ts';
export * from './contract/uploads.ts';
