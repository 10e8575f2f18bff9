import { useId, type ComponentProps, type ReactNode } from 'react';
import { cx } from '../lib/cx.ts';

export const controlLook =
  'w-full rounded-lg border border-line-strong bg-surface px-3 text-base text-ink shadow-card transition-colors duration-100 ' +
  'placeholder:text-ink-3 hover:border-ink-3 focus:border-accent focus:outline-2 focus:-outline-offset-1 focus:outline-accent ' +
  'aria-invalid:border-bad aria-invalid:focus:outline-bad disabled:opacity-60';

type FieldProps = {
  label: string;
  /** Stands at the right of the label: a limit, a link, "optional". */
  aside?: ReactNode;
  help?: ReactNode;
  error?: string | null;
  children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode;
};

/** A label, its control, and what is to be said about it, tied together for a screen reader. */
export function Field({ label, aside, help, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? help;
  return (
    <div>
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium text-ink">
          {label}
        </label>
        {aside !== undefined && <span className="text-xs text-ink-3 tabular-nums">{aside}</span>}
      </div>
      {children({ id, describedBy: note ? noteId : undefined, invalid: Boolean(error) })}
      {note && (
        <p
          id={noteId}
          role={error ? 'alert' : undefined}
          className={cx('mt-1.5 text-sm', error ? 'text-bad' : 'text-ink-3')}
        >
          {note}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Omit<ComponentProps<'input'>, 'id'> & Omit<FieldProps, 'children'>;

export function TextField({ label, aside, help, error, className, ...input }: TextFieldProps) {
  return (
    <Field label={label} aside={aside} help={help} error={error}>
      {({ id, describedBy, invalid }) => (
        <input
          id={id}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={cx(controlLook, 'h-10 pointer-coarse:h-11', className)}
          {...input}
        />
      )}
    </Field>
  );
}
