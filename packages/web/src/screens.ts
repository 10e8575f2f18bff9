/** Every screen, each in a file of its own that is fetched when it is wanted. */
export const screens = {
  landing: () => import('./screens/landing.tsx'),
  pricing: () => import('./screens/pricing.tsx'),
  status: () => import('./screens/status.tsx'),
  signIn: () => import('./screens/sign-in.tsx'),
  signUp: () => import('./screens/sign-up.tsx'),
  forgotPassword: () => import('./screens/forgot-password.tsx'),
  resetPassword: () => import('./screens/reset-password.tsx'),
  verifyEmail: () => import('./screens/verify-email.tsx'),
  create: () => import('./screens/create.tsx'),
  generation: () => import('./screens/generation.tsx'),
  library: () => import('./screens/library.tsx'),
  wallet: () => import('./screens/wallet.tsx'),
  payment: () => import('./screens/payment.tsx'),
  account: () => import('./screens/account.tsx'),
  webhook: () => import('./screens/webhook.tsx'),
  operator: () => import('./screens/operator.tsx'),
  operatorPayments: () => import('./screens/operator-payments.tsx'),
};

/** Fetches what a signed-in person may go to next, so that going there works at once, also when the network has gone. */
export function fetchScreensAhead(): void {
  for (const fetch of [
    screens.create,
    screens.generation,
    screens.library,
    screens.wallet,
    screens.account,
  ]) {
    // Whatever is missing is fetched again when it is wanted.
    fetch().catch(() => undefined);
  }
}
