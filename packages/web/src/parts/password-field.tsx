import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import { cx } from '../lib/cx.ts';
import { welcomeWords as words } from '../words/welcome.ts';
import { controlLook, Field } from './field.tsx';

/** A password, hidden until asked. */
export function PasswordField({
  label,
  value,
  onChange,
  autoComplete,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: 'current-password' | 'new-password';
}) {
  const [shown, setShown] = useState(false);
  const settings = useQuery(queries.settings);
  const least = settings.data?.password_min_length ?? 10;
  const fresh = autoComplete === 'new-password';
  return (
    <Field label={label} help={fresh ? words.passwordHelp(least) : undefined}>
      {({ id, describedBy }) => (
        <div className="relative">
          <input
            id={id}
            aria-describedby={describedBy}
            type={shown ? 'text' : 'password'}
            name="password"
            required
            minLength={fresh ? least : undefined}
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
