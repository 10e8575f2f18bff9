import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { commonWords } from '../words/common.ts';

/** The browser's own modal dialog: focus stays inside, Escape closes, and no style sheet has to be written at run time. */
export function Dialog({
  open,
  title,
  children,
  actions,
  onClose,
}: {
  open: boolean;
  title: string;
  children: ReactNode;
  /** At its foot; a form inside may bring its own. */
  actions?: ReactNode;
  onClose: () => void;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(26rem,calc(100vw-2rem))] animate-rise rounded-2xl border border-line bg-surface p-5 text-ink shadow-pop max-sm:mb-4"
    >
      <div className="flex items-start justify-between gap-4">
        <h2 id={titleId} className="text-base font-semibold">
          {title}
        </h2>
        <button
          type="button"
          onClick={onClose}
          aria-label={commonWords.close}
          className="-m-1.5 grid size-8 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      </div>
      <div className="mt-2 text-sm text-ink-2">{children}</div>
      {actions && <div className="mt-5 flex flex-wrap justify-end gap-2">{actions}</div>}
    </dialog>
  );
}
