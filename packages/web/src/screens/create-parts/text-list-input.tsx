import type { ModelInput } from '@holdfast/client';
import { Plus, X } from 'lucide-react';
import { useRef, type KeyboardEvent } from 'react';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../parts/button.tsx';
import { controlLook } from '../../parts/field.tsx';
import { createWords } from '../../words/create.ts';

const words = createWords.list;

/** Short lines, one below the other. Enter goes to the next. */
export function TextListInput({
  input,
  lines,
  error,
  onChange,
}: {
  input: Extract<ModelInput, { type: 'text_list' }>;
  lines: readonly string[];
  error: string | null;
  onChange: (lines: string[]) => void;
}) {
  const list = useRef<HTMLUListElement>(null);
  const shown = lines.length === 0 ? [''] : lines;
  const focusLine = (index: number) =>
    requestAnimationFrame(() => list.current?.querySelectorAll('input')[index]?.focus());
  const add = (after: number) => {
    if (shown.length < input.max_items)
      onChange([...shown.slice(0, after + 1), '', ...shown.slice(after + 1)]);
    focusLine(after + 1);
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      add(index);
    } else if (event.key === 'Backspace' && shown[index] === '' && shown.length > 1) {
      event.preventDefault();
      onChange(shown.filter((_, other) => other !== index));
      focusLine(Math.max(0, index - 1));
    }
  };
  return (
    <fieldset>
      <legend className="mb-1.5 flex w-full items-baseline justify-between text-sm font-medium">
        {input.label}
        <span className="text-xs font-normal text-ink-3 tabular-nums">
          {words.count(lines.filter((line) => line.trim() !== '').length, input.max_items)}
        </span>
      </legend>
      <ul ref={list} className="grid gap-2">
        {shown.map((line, index) => (
          // The lines have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} className="relative">
            <input
              aria-label={words.item(input.label, index + 1)}
              aria-invalid={(error !== null && (line.length > input.max_length || index === 0)) || undefined}
              value={line}
              maxLength={input.max_length}
              onKeyDown={(event) => onKeyDown(event, index)}
              onChange={(event) =>
                onChange(shown.map((before, other) => (other === index ? event.target.value : before)))
              }
              className={cx(controlLook, 'h-10 pr-11 pointer-coarse:h-11')}
            />
            {shown.length > 1 && (
              <button
                type="button"
                aria-label={words.remove(index + 1)}
                onClick={() => onChange(shown.filter((_, other) => other !== index))}
                className="absolute inset-y-1 right-1 grid w-8 place-items-center rounded-md text-ink-3 hover:bg-sunken hover:text-ink"
              >
                <X aria-hidden className="size-4" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {shown.length < input.max_items && (
        <Button look="quiet" size="small" className="mt-1.5 -ml-2" onClick={() => add(shown.length - 1)}>
          <Plus aria-hidden className="size-4" />
          {words.add}
        </Button>
      )}
      {error && (
        <p role="alert" className="mt-1.5 text-sm text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
