import { readConfig } from '../../platform/config.ts';
import type { Config } from '../../platform/config.ts';
import { startEmulator } from './emulator.ts';

const key = 'sk_test_emulated';
const webhook_secret = 'whsec_emulated';

/** A Stripe that lives on this machine, so that the whole of buying can be tried. It is in test mode, which every page says. */
export interface DemoShop {
  /** The settings with this Stripe in them; the operator's own, where they set a key. */
  readonly config: Config;
  /** Tells it where the server takes webhooks. */
  listen(serverUrl: string): Promise<void>;
  stop(): void;
}

export async function openDemoShop(config: Config): Promise<DemoShop> {
  if (config.stripeSecretKey !== undefined) {
    return { config, listen: async () => undefined, stop: () => undefined };
  }
  const stripe = await startEmulator('stripe');
  const { stripeSecretKey, stripeWebhookSecrets, stripeApiUrl } = readConfig({
    STRIPE_SECRET_KEY: key,
    STRIPE_WEBHOOK_SECRET: webhook_secret,
    STRIPE_API_URL: stripe.url,
  });
  return {
    config: { ...config, stripeSecretKey, stripeWebhookSecrets, stripeApiUrl },
    async listen(serverUrl) {
      await fetch(`${stripe.url}/_emulator/endpoints`, {
        method: 'POST',
        body: JSON.stringify({ url: `${serverUrl}/webhooks/stripe`, secret: webhook_secret }),
      });
    },
    stop: stripe.stop,
  };
}
