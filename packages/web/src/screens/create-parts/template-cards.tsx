import { RadioGroup } from 'radix-ui';
import { useEffect, useRef } from 'react';
import { createWords as words } from '../../words/create.ts';
import type { Make } from './form.ts';
import { TemplateArt } from './template-art.tsx';

/** What can be made, as pictures to choose from. On a phone they scroll sideways. */
export function TemplateCards({
  makes,
  value,
  onChange,
}: {
  makes: readonly Make[];
  value: string;
  onChange: (key: string) => void;
}) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the chosen card may stand outside the picture when the page is opened by its address. Only the row is
    // moved: scrolling to the card itself would also move the place from which Tab starts.
    const chosen = row.current?.querySelector('[data-state=checked]');
    if (!row.current || !chosen) return;
    const from = row.current.getBoundingClientRect();
    const to = chosen.getBoundingClientRect();
    row.current.scrollLeft += to.left - from.left - (from.width - to.width) / 2;
  }, []);
  return (
    <RadioGroup.Root
      ref={row}
      aria-label={words.templates}
      value={value}
      onValueChange={onChange}
      orientation="horizontal"
      className="-mx-4 flex snap-x gap-2.5 overflow-x-auto px-4 py-1 [scrollbar-width:none] sm:mx-0 sm:grid sm:grid-cols-3 sm:px-0 lg:grid-cols-5"
    >
      {makes.map((make) => (
        <RadioGroup.Item
          key={make.key}
          value={make.key}
          aria-label={`${make.template.label}. ${make.template.description}`}
          className="group flex w-36 shrink-0 snap-start flex-col scroll-mx-4 items-stretch justify-start overflow-hidden rounded-xl border border-line bg-surface text-left shadow-card transition-colors duration-100 hover:border-line-strong data-[state=checked]:border-accent data-[state=checked]:ring-1 data-[state=checked]:ring-accent sm:w-auto"
        >
          <TemplateArt make={make.key} />
          <span className="block px-3 pt-2 pb-3">
            <span className="block text-2xs font-medium text-ink-3">{words.kinds[make.kind]}</span>
            <span className="block text-sm font-semibold text-ink">{make.template.label}</span>
            <span className="mt-0.5 line-clamp-3 text-xs text-ink-3">{make.template.description}</span>
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
