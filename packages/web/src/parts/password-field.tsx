import { useState } from 'react';
import { cx } from '../lib/cx.ts';
import { welcomeWords as words } from '../words/welcome.ts';
import { controlLook, Field } from './field.tsx';

/** A password, hidden until asked. */
export function PasswordField({
  label,
  value,
  onChange,
  autoComplete,
  help,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: 'current-password' | 'new-password';
  help?: string;
}) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} help={help}>
      {({ id, describedBy }) => (
        <div className="relative">
          <input
            id={id}
            aria-describedby={describedBy}
            type={shown ? 'text' : 'password'}
            name="password"
            required
            minLength={autoComplete === 'new-password' ? 8 : undefined}
            maxLength={128}
            autoComplete={autoComplete}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={cx(controlLook, 'h-10 pr-16 pointer-coarse:h-11')}
          />
          <button
            type="button"
            aria-pressed={shown}
            aria-label={`${shown ? words.hide : words.show}: ${label}`}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-1 right-1 rounded-md px-2.5 text-xs font-medium text-ink-3 hover:bg-sunken hover:text-ink"
          >
            {shown ? words.hide : words.show}
          </button>
        </div>
      )}
    </Field>
  );
}
