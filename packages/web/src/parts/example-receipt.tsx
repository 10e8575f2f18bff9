import { Card } from './page.tsx';
import { ReceiptRows } from './receipt.tsx';
import { receiptWords as words } from '../words/generation.ts';

/** The receipt of a five second video that came out at 4.2 seconds: the promise in one picture. */
export function ExampleReceipt() {
  return (
    <Card className="p-5">
      <p className="mb-2 text-sm font-semibold">{words.title}</p>
      <ReceiptRows
        final
        receipt={{
          policy: 'reserve',
          unit: 'second',
          credits_per_unit: 10,
          quoted_units: 5,
          delivered_units: 4.2,
          quoted: 50,
          held: 50,
          captured: 42,
          released: 8,
          refunded: 0,
          charged: 42,
          owed: 0,
          not_charged: false,
        }}
      />
    </Card>
  );
}
