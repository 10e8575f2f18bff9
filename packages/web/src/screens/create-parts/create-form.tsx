import type { Generation } from '@holdfast/client';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState, type FormEvent } from 'react';
import { Notice } from '../../parts/notice.tsx';
import { createWords as words } from '../../words/create.ts';
import { faultOf, inputsOf, priceOf, requestInput, type Make } from './form.ts';
import { Inputs } from './inputs.tsx';
import { Length, nearestLength } from './length.tsx';
import { ModelPicker } from './model-picker.tsx';
import { PreviewFrame } from './preview-frame.tsx';
import { PricePanel } from './price-panel.tsx';
import { Shape } from './shape.tsx';
import { TemplateCards } from './template-cards.tsx';
import { useDraft } from './use-draft.ts';
import { PriceRoseError, useStart } from './use-start.ts';

/** The card, model, length and shape stand in the address; what is typed stands in the draft. */
export function CreateForm({ makes, earlier }: { makes: Make[]; earlier: Generation | undefined }) {
  const search = useSearch({ from: '/private/create' });
  const navigate = useNavigate({ from: '/create' });
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useDraft(earlier);
  const [checked, setChecked] = useState(false);
  const start = useStart();

  const earlierKey = earlier && `${earlier.kind}-${earlier.input.template ?? 'prompt'}`;
  const wanted = search.make ?? earlierKey;
  const make = makes.find((candidate) => candidate.key === wanted) ?? makes[0];
  const asked = search.model ?? earlier?.model;
  const model =
    make?.models.find((candidate) => candidate.id === asked) ??
    make?.models.find((candidate) => candidate.available) ??
    make?.models[0];
  if (!make || !model) return null;

  const range = model.duration_seconds;
  const seconds = range
    ? nearestLength(range, search.seconds ?? earlier?.input.duration_seconds ?? range.default)
    : 0;
  const wantedShape = search.shape ?? earlier?.input.aspect_ratio;
  const shape =
    model.aspect_ratios.find((ratio) => ratio === wantedShape) ?? model.aspect_ratios[0] ?? '9:16';
  const inputs = inputsOf(make, model);
  const price = priceOf(model, seconds);

  const change = (next: Partial<typeof search>) => {
    start.reset();
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (start.isPending || !model.available) return;
    if (inputs.some((input) => faultOf(input, values) !== null)) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    start.mutate({
      model: model.id,
      input: requestInput(make, model, values, { seconds, shape }),
      // A second press on a price that rose means yes.
      shown: start.error instanceof PriceRoseError ? start.error.quote.credits : price.credits,
    });
  };

  return (
    <form
      ref={form}
      noValidate
      onSubmit={submit}
      className="grid items-start gap-8 max-lg:pb-24 lg:grid-cols-[minmax(0,1fr)_21rem] lg:gap-10"
    >
      <div className="grid min-w-0 grid-cols-1 gap-7">
        {earlier && <Notice>{words.prefilled}</Notice>}
        <TemplateCards
          makes={makes}
          value={make.key}
          onChange={(key) => change({ make: key, model: undefined })}
        />
        <Inputs
          key={make.key}
          inputs={inputs}
          values={values}
          checked={checked}
          onChange={(next) => {
            start.reset();
            setValues(next);
          }}
        />
        <ModelPicker models={make.models} value={model.id} onChange={(id) => change({ model: id })} />
        <div className="grid gap-7 sm:grid-cols-2">
          {range && <Length range={range} value={seconds} onChange={(next) => change({ seconds: next })} />}
          {model.aspect_ratios.length > 1 && (
            <Shape ratios={model.aspect_ratios} value={shape} onChange={(next) => change({ shape: next })} />
          )}
        </div>
      </div>
      <div className="grid gap-4 lg:sticky lg:top-20">
        <PreviewFrame
          shape={shape}
          photo={Object.values(values.photos).find(Boolean)}
          inputs={inputs}
          values={values}
        />
        <PricePanel
          model={model}
          price={price}
          start={start}
          onShorten={range ? (next) => change({ seconds: next }) : undefined}
          shortest={range?.min ?? 1}
        />
      </div>
    </form>
  );
}
