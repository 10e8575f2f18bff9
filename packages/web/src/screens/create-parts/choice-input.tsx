import type { ModelInput } from '@holdfast/client';
import { Shuffle } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { exampleOf } from '../../lib/examples.ts';
import { createWords as words } from '../../words/create.ts';

type Props = {
  input: Extract<ModelInput, { type: 'choice' }>;
  value: string;
  onChange: (value: string) => void;
};

/** One of several named things: as pictures where each has one, as chips otherwise. Where nothing has to be chosen, "Automatic" is a choice. */
export function ChoiceInput({ input, value, onChange }: Props) {
  const free = !input.required && input.default === null;
  const choices = free ? [{ value: '', label: words.automatic }, ...input.choices] : input.choices;
  const pictured = input.choices.every((choice) => exampleOf(`${input.name}-${choice.value}`));
  return (
    <div className="min-w-0">
      <h2 className="mb-1.5 text-sm font-medium">{input.label}</h2>
      <RadioGroup.Root
        aria-label={input.label}
        value={value}
        onValueChange={onChange}
        orientation="horizontal"
        className={
          pictured
            ? '-mx-4 flex gap-2.5 overflow-x-auto px-4 pt-1 pb-1 [scrollbar-width:none] sm:mx-0 sm:flex-wrap sm:px-0'
            : 'flex flex-wrap gap-2'
        }
      >
        {choices.map((choice) =>
          pictured ? (
            <Picture key={choice.value} name={input.name} choice={choice} />
          ) : (
            <RadioGroup.Item
              key={choice.value}
              value={choice.value}
              className="h-8 rounded-full border border-line-strong bg-surface px-3.5 text-sm font-medium text-ink-2 transition-colors duration-100 hover:border-ink-3 hover:text-ink data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:text-accent pointer-coarse:h-10"
            >
              {choice.label}
            </RadioGroup.Item>
          ),
        )}
      </RadioGroup.Root>
    </div>
  );
}

function Picture({ name, choice }: { name: string; choice: { value: string; label: string } }) {
  const picture = exampleOf(`${name}-${choice.value}`);
  return (
    <RadioGroup.Item
      value={choice.value}
      className="group w-[5.25rem] shrink-0 rounded-lg text-center outline-offset-4"
    >
      <span className="grid aspect-[3/4] place-items-center overflow-hidden rounded-lg border border-line bg-stage text-ink-3 transition-colors duration-100 group-hover:border-line-strong group-data-[state=checked]:border-accent group-data-[state=checked]:ring-2 group-data-[state=checked]:ring-accent">
        {picture ? (
          <img src={picture} alt="" width="480" height="854" className="size-full object-cover" />
        ) : (
          <Shuffle aria-hidden className="size-5" strokeWidth={1.6} />
        )}
      </span>
      <span className="mt-1.5 block truncate text-xs font-medium text-ink-2 group-data-[state=checked]:text-accent">
        {choice.label}
      </span>
    </RadioGroup.Item>
  );
}
