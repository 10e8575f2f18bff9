import { Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { webhookWords as words } from '../../words/delivery.ts';

/** A signing secret, which nobody can show again. */
export function SecretOnce({ secret, onDone }: { secret: string; onDone: () => void }) {
  return (
    <Notice
      tone="good"
      title={words.secretTitle}
      action={
        <Button size="small" onClick={onDone}>
          {words.copied}
        </Button>
      }
    >
      <p>{words.secret}</p>
      <p className="mt-2 flex items-center gap-1 rounded-lg bg-surface px-3 py-1.5">
        <code className="min-w-0 flex-1 text-xs break-all text-ink" data-testid="webhook-secret">
          {secret}
        </code>
        <CopyButton text={secret} label={words.secretLabel} />
      </p>
    </Notice>
  );
}
