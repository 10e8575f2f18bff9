import type { ModelInput } from '@holdfast/client';
import { cx } from '../../lib/cx.ts';
import { controlLook, Field, TextField } from '../../parts/field.tsx';
import { createWords as words } from '../../words/create.ts';

type Of<T extends ModelInput['type']> = Extract<ModelInput, { type: T }>;

function limit(used: number, most: number, required: boolean): string {
  if (used > most * 0.6) return `${used} / ${most}`;
  return required ? '' : words.optional;
}

export function TextInput({
  input,
  value,
  error,
  onChange,
}: {
  input: Of<'text'>;
  value: string;
  error: string | null;
  onChange: (text: string) => void;
}) {
  const aside = limit(value.trim().length, input.max_length, input.required);
  if (!input.multiline) {
    return (
      <TextField
        label={input.label}
        name={input.name}
        aside={aside}
        error={error}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  return (
    <Field label={input.label} aside={aside} error={error}>
      {({ id, describedBy, invalid }) => (
        <textarea
          id={id}
          name={input.name}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          rows={4}
          placeholder={input.required ? words.examples[input.name] : undefined}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cx(controlLook, 'block field-sizing-content max-h-80 min-h-28 resize-none py-2.5')}
        />
      )}
    </Field>
  );
}

export function NumberInput({
  input,
  value,
  onChange,
}: {
  input: Of<'number'>;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}) {
  return (
    <TextField
      label={input.label}
      name={input.name}
      aside={input.required ? '' : words.optional}
      type="number"
      inputMode="numeric"
      min={input.min}
      max={input.max}
      step={input.step}
      placeholder={input.default === null ? words.automatic : String(input.default)}
      value={value ?? ''}
      onChange={(event) => {
        const number = event.target.valueAsNumber;
        onChange(Number.isNaN(number) ? undefined : Math.min(input.max, Math.max(input.min, number)));
      }}
    />
  );
}
