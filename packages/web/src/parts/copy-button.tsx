import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { commonWords as words } from '../words/common.ts';

/** An id or a secret that one click puts on the clipboard. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_600);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={copied ? words.copied : `${words.copy}: ${label}`}
      onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
      className="inline-grid size-7 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-sunken hover:text-ink"
    >
      <Icon aria-hidden className="size-3.5" />
    </button>
  );
}
