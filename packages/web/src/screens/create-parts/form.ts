import type { GenerationInput, Model, ModelInput } from '@holdfast/client';
import { createWords as words } from '../../words/create.ts';

/** One card: a template of one kind, and the models that can make it. */
export type Make = {
  key: string;
  kind: Model['kind'];
  template: Model['templates'][number];
  models: Model[];
};

export type Photo = { id: string; url: string | null };
/** What was typed and chosen, by input name. Kept across cards, so that switching loses nothing. */
export type Values = {
  text: Record<string, string>;
  lists: Record<string, string[]>;
  numbers: Record<string, number | undefined>;
  photos: Record<string, Photo | undefined>;
};
export const noValues: Values = { text: {}, lists: {}, numbers: {}, photos: {} };
export type Settings = { seconds: number; shape: Model['aspect_ratios'][number] };

/** These have controls of their own on every card. */
const common = new Set(['duration_seconds', 'aspect_ratio']);

export function makesOf(models: readonly Model[]): Make[] {
  const makes = new Map<string, Make>();
  for (const model of models) {
    for (const template of model.templates) {
      const key = `${model.kind}-${template.id}`;
      const make = makes.get(key);
      if (make) make.models.push(model);
      else makes.set(key, { key, kind: model.kind, template, models: [model] });
    }
  }
  return [...makes.values()];
}

/** The inputs of a make under one of its models, without those that every card has. */
export function inputsOf(make: Make, model: Model): ModelInput[] {
  const template = model.templates.find((candidate) => candidate.id === make.template.id) ?? make.template;
  return template.inputs.filter((input) => !common.has(input.name));
}

export function priceOf(model: Model, seconds: number): { units: number; credits: number } {
  const units = model.price.unit === 'second' ? seconds : 1;
  return { units, credits: units * model.price.credits_per_unit };
}

/** What is wrong with an input before it is sent, in words; null where nothing is. */
export function faultOf(input: ModelInput, values: Values): string | null {
  switch (input.type) {
    case 'text': {
      const text = values.text[input.name]?.trim() ?? '';
      if (input.required && text === '') return words.missing(input.label);
      return text.length > input.max_length ? words.tooLong(text.length - input.max_length) : null;
    }
    case 'text_list': {
      const lines = filledLines(values, input.name);
      if (input.required && lines.length === 0) return words.missing(input.label);
      const over = Math.max(0, ...lines.map((line) => line.length - input.max_length));
      return over > 0 ? words.tooLong(over) : null;
    }
    case 'image':
      return input.required && !values.photos[input.name] ? words.missingPhoto : null;
    case 'choice':
      return input.required && !(values.text[input.name] ?? input.default)
        ? words.missing(input.label)
        : null;
    case 'number':
      return input.required && values.numbers[input.name] === undefined && input.default === null
        ? words.missing(input.label)
        : null;
    default:
      return input satisfies never;
  }
}

export function filledLines(values: Values, name: string): string[] {
  return (values.lists[name] ?? []).map((line) => line.trim()).filter((line) => line !== '');
}

/** The request's input: only what this model takes, and nothing empty. */
export function requestInput(make: Make, model: Model, values: Values, settings: Settings): GenerationInput {
  const input: GenerationInput & Record<string, unknown> = { template: make.template.id };
  for (const field of inputsOf(make, model)) {
    const value = valueOf(field, values);
    if (value !== undefined) input[field.name] = value;
  }
  if (model.duration_seconds) input['duration_seconds'] = settings.seconds;
  if (model.aspect_ratios.length > 0) input['aspect_ratio'] = settings.shape;
  return input;
}

function valueOf(field: ModelInput, values: Values): string | string[] | number | undefined {
  switch (field.type) {
    case 'text':
      return values.text[field.name]?.trim() || undefined;
    case 'text_list': {
      const lines = filledLines(values, field.name);
      return lines.length > 0 ? lines : undefined;
    }
    case 'image':
      return values.photos[field.name]?.id;
    case 'choice':
      return values.text[field.name] || field.default || undefined;
    case 'number':
      return values.numbers[field.name] ?? field.default ?? undefined;
    default:
      return field satisfies never;
  }
}

/** An earlier generation's input as values to start from. */
export function valuesFrom(input: GenerationInput): Values {
  const values: Values = { text: {}, lists: {}, numbers: {}, photos: {} };
  for (const [name, value] of Object.entries(input)) {
    if (name === 'image' && typeof value === 'string') values.photos[name] = { id: value, url: null };
    else if (typeof value === 'string') values.text[name] = value;
    else if (typeof value === 'number') values.numbers[name] = value;
    else if (Array.isArray(value)) values.lists[name] = value;
  }
  return values;
}
