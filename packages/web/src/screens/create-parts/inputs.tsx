import type { ModelInput } from '@holdfast/client';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { createWords as words } from '../../words/create.ts';
import { faultOf, type Values } from './form.ts';
import { ChoiceInput } from './choice-input.tsx';
import { NumberInput, TextInput } from './simple-inputs.tsx';
import { PhotoInput } from './photo-input.tsx';
import { TextListInput } from './text-list-input.tsx';

type Props = {
  inputs: readonly ModelInput[];
  values: Values;
  /** Whether a press has asked for everything to be there. */
  checked: boolean;
  onChange: (change: (before: Values) => Values) => void;
};

/** Whatever the chosen model takes, in the order in which it says so. Numbers that are not needed stand folded away at the end. */
export function Inputs({ inputs, values, checked, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const extra = inputs.filter((input) => input.type === 'number' && !input.required);
  const main = inputs.filter((input) => !extra.includes(input));
  const draw = (input: ModelInput) => (
    <OneInput key={input.name} input={input} values={values} checked={checked} onChange={onChange} />
  );
  return (
    <div className="grid grid-cols-1 gap-5">
      {main.map(draw)}
      {extra.length > 0 && (
        <details className="group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className="flex w-fit items-center gap-1.5 rounded-md text-sm font-medium text-ink-2 hover:text-ink">
            <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
            {words.more}
          </summary>
          <div className="mt-3 grid gap-5 sm:grid-cols-2">{extra.map(draw)}</div>
        </details>
      )}
    </div>
  );
}

function OneInput({ input, values, checked, onChange }: Omit<Props, 'inputs'> & { input: ModelInput }) {
  const fault = faultOf(input, values);
  // What is too long is said while typing; what is missing only after a press.
  const tooLong = input.type === 'text' && (values.text[input.name]?.trim().length ?? 0) > input.max_length;
  const error = checked || tooLong ? fault : null;
  const setText = (text: string) =>
    onChange((before) => ({ ...before, text: { ...before.text, [input.name]: text } }));
  switch (input.type) {
    case 'text':
      return (
        <TextInput input={input} value={values.text[input.name] ?? ''} error={error} onChange={setText} />
      );
    case 'choice':
      return (
        <ChoiceInput
          input={input}
          value={values.text[input.name] ?? input.default ?? ''}
          onChange={setText}
        />
      );
    case 'text_list':
      return (
        <TextListInput
          input={input}
          lines={values.lists[input.name] ?? []}
          error={error}
          onChange={(lines) =>
            onChange((before) => ({ ...before, lists: { ...before.lists, [input.name]: lines } }))
          }
        />
      );
    case 'image':
      return (
        <PhotoInput
          input={input}
          photo={values.photos[input.name]}
          error={error}
          onChange={(photo) =>
            onChange((before) => ({ ...before, photos: { ...before.photos, [input.name]: photo } }))
          }
        />
      );
    case 'number':
      return (
        <NumberInput
          input={input}
          value={values.numbers[input.name]}
          onChange={(number) =>
            onChange((before) => ({ ...before, numbers: { ...before.numbers, [input.name]: number } }))
          }
        />
      );
    default:
      return input satisfies never;
  }
}
