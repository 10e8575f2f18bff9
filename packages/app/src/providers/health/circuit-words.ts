import type { Alert } from '../../alerts/commands.ts';
import type { CircuitKey, CircuitReason } from './circuits.ts';

/** What an operator is told of an open circuit. */
export function alertOf(key: CircuitKey, why: { reason: CircuitReason; detail: string }): Alert {
  const { providerId, providerModel } = key;
  const what = providerModel === '' ? providerId : `${providerId}/${providerModel}`;
  return {
    key: `circuit/${what}`,
    severity: why.reason === 'failures' ? 'warning' : 'critical',
    title: titles[why.reason](what),
    link: `/operator?provider=${encodeURIComponent(providerId)}`,
    detail: `${advice[why.reason]}\n\nIn its own words: ${why.detail}`,
  };
}

const titles: Readonly<Record<CircuitReason, (what: string) => string>> = {
  balance: (what) => `${what} has no credit left`,
  auth: (what) => `${what} refuses the key`,
  config: (what) => `${what} can't be used as it is set up`,
  failures: (what) => `${what} fails again and again`,
};

const waiting =
  'What was asked for waits, up to its deadline; nothing is charged, and nobody is told that it is their fault. It goes on by itself';

const advice: Readonly<Record<CircuitReason, string>> = {
  balance: `Top up the account. ${waiting} once there is credit.`,
  auth: `Check the key, its permissions and its list of addresses. ${waiting} once the key is let in; a new key takes a restart.`,
  config: `The model is paused or unknown there: check its name in the catalogue, or withdraw it. ${waiting} once it answers.`,
  failures: `Nothing has to be done, unless it lasts. ${waiting}: one attempt at a time is made to see whether it is over.`,
};
