import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Database } from '../platform/database.ts';
import { listBalances } from '../providers/health/balances.ts';
import { listOpenCircuits } from '../providers/health/circuits.ts';

/** Read when asked for: what each provider has left, for how long, and what can't be asked at the moment. */
export function watchProviders(registry: Registry, db: Database): void {
  const daysLeft = new Gauge({
    name: 'holdfast_provider_days_left',
    help: "How long a provider's balance lasts at the present rate",
    labelNames: ['provider'],
    registers: [],
    async collect() {
      this.reset();
      for (const { provider, daysLeft: days } of await listBalances(db)) {
        if (days !== null) this.set({ provider }, days);
      }
    },
  });
  const balance = new Gauge({
    name: 'holdfast_provider_balance_usd',
    help: 'What a provider had left when it was asked last',
    labelNames: ['provider'],
    registers: [],
    async collect() {
      this.reset();
      for (const { provider, usd } of await listBalances(db)) {
        if (usd !== null) this.set({ provider }, usd);
      }
    },
  });
  const circuits = new Gauge({
    name: 'holdfast_provider_circuit_open',
    help: "1 for each open circuit; an empty model is the whole provider's",
    labelNames: ['provider', 'model', 'reason'],
    registers: [],
    async collect() {
      this.reset();
      for (const { provider_id, provider_model, reason } of await listOpenCircuits(db)) {
        this.set({ provider: provider_id, model: provider_model, reason }, 1);
      }
    },
  });
  registry.registerMetric(daysLeft);
  registry.registerMetric(balance);
  registry.registerMetric(circuits);
}
