import { InvalidInputError } from '../../platform/errors.ts';
import type { Unit } from '../../credits/rules.ts';
import type { Model, ModelInput } from './catalogue.ts';
import type { AspectRatio, GenerationInput } from './model.ts';

/** What was asked for, checked against the model and with every default filled in. */
export type CheckedInput = GenerationInput & {
  readonly template: string;
  readonly aspect_ratio: AspectRatio;
};

/** Inputs that every template takes, within the model's limits. */
const common = ['template', 'duration_seconds', 'aspect_ratio', 'seed'] as const;

/**
 * Checks a request against its model.
 * @throws InvalidInputError `input_required`, `input_unknown`, `input_too_long`, `input_too_many`, `input_not_offered`,
 *   `input_out_of_range`, `input_wrong_type`; `data.field` names the input
 */
export function checkInput(model: Model, input: GenerationInput): CheckedInput {
  const template = pickTemplate(model, input.template);
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  for (const [name] of given) {
    if ((common as readonly string[]).includes(name)) continue;
    if (!template.inputs.some((field) => field.name === name)) {
      throw invalid(
        'input_unknown',
        name,
        `"${template.label}" of ${model.name} takes no "${name}": leave it out, or choose another template.`,
      );
    }
  }
  const values: Record<string, unknown> = {};
  for (const field of template.inputs) {
    const value = checkField(field, (input as Record<string, unknown>)[field.name]);
    if (value !== undefined) values[field.name] = value;
  }
  return {
    ...values,
    template: template.id,
    aspect_ratio: pickRatio(model, input.aspect_ratio),
    ...pickDuration(model, input.duration_seconds),
    ...pickSeed(input.seed),
  };
}

/** Whole units that the quote counts: the seconds asked for, or pieces; for each output where several are asked for. */
export function unitsOf(model: Model, unit: Unit, input: CheckedInput): number {
  return unitsOfOne(model, unit, input) * outputsOf(input);
}

/** How many files were asked for: the input `count`, which only models that make several take. */
export function outputsOf(input: Pick<CheckedInput, 'count'>): number {
  return input.count ?? 1;
}

function unitsOfOne(model: Model, unit: Unit, input: CheckedInput): number {
  switch (unit) {
    case 'second':
      return input.duration_seconds ?? model.seconds?.default ?? 1;
    case 'piece':
      return 1;
    default:
      throw new Error(`unknown unit ${String(unit satisfies never)}`);
  }
}

function pickTemplate(model: Model, id: string | undefined): Model['templates'][number] {
  const first = model.templates[0];
  if (first === undefined) throw new Error(`model ${model.id} has no template`);
  if (id === undefined) return first;
  const found = model.templates.find((template) => template.id === id);
  if (found) return found;
  throw invalid('input_not_offered', 'template', `${model.name} has no template "${id}".`, {
    choices: model.templates.map((template) => template.id),
  });
}

function pickRatio(model: Model, ratio: AspectRatio | undefined): AspectRatio {
  const first = model.aspectRatios[0];
  if (first === undefined) throw new Error(`model ${model.id} has no aspect ratio`);
  if (ratio === undefined) return first;
  if (model.aspectRatios.includes(ratio)) return ratio;
  throw invalid('input_not_offered', 'aspect_ratio', `${model.name} can't make ${ratio}.`, {
    choices: model.aspectRatios,
  });
}

function pickDuration(model: Model, seconds: number | undefined): { duration_seconds?: number } {
  if (model.seconds === null) {
    if (seconds === undefined) return {};
    throw invalid('input_unknown', 'duration_seconds', `${model.name} makes images: they have no duration.`);
  }
  const wanted = seconds ?? model.seconds.default;
  const { min, max } = model.seconds;
  const choices = model.allowedSeconds;
  if (choices !== null && !choices.includes(wanted)) {
    throw invalid(
      'input_not_offered',
      'duration_seconds',
      `${model.name} makes ${choices.join(' or ')} seconds.`,
      { choices: [...choices] },
    );
  }
  if (Number.isInteger(wanted) && wanted >= min && wanted <= max) return { duration_seconds: wanted };
  throw invalid(
    'input_out_of_range',
    'duration_seconds',
    `${model.name} makes whole seconds from ${min} to ${max}.`,
    { min, max },
  );
}

function pickSeed(seed: number | undefined): { seed?: number } {
  if (seed === undefined) return {};
  if (Number.isInteger(seed) && seed >= 0 && seed <= 4_294_967_295) return { seed };
  throw invalid('input_out_of_range', 'seed', 'A seed is a whole number from 0 to 4294967295.', {
    min: 0,
    max: 4_294_967_295,
  });
}

function checkField(field: ModelInput, value: unknown): unknown {
  const { name, label } = field;
  const empty =
    value === undefined ||
    value === null ||
    (typeof value === 'string' && value.trim() === '') ||
    (Array.isArray(value) && value.length === 0);
  if (empty) {
    if (field.required) throw invalid('input_required', name, `"${label}" is needed.`);
    return field.type === 'choice' || field.type === 'number' ? (field.default ?? undefined) : undefined;
  }
  switch (field.type) {
    case 'text':
      return checkText(field, value);
    case 'image':
      if (typeof value === 'string') return value;
      throw invalid('input_wrong_type', name, `"${label}" is the id of an upload.`);
    case 'text_list':
      return checkList(field, value);
    case 'choice':
      if (field.choices.some((choice) => choice.value === value)) return value;
      throw invalid('input_not_offered', name, `"${label}" is one of: ${list(field.choices)}.`, {
        choices: field.choices.map((choice) => choice.value),
      });
    case 'number':
      return checkNumber(field, value);
    default:
      throw new Error(`unknown type of input ${JSON.stringify(field satisfies never)}`);
  }
}

function checkText(field: { name: string; label: string; max_length: number }, value: unknown): string {
  if (typeof value !== 'string') {
    throw invalid('input_wrong_type', field.name, `"${field.label}" is text.`);
  }
  const text = value.trim();
  if (Array.from(text).length <= field.max_length) return text;
  throw invalid(
    'input_too_long',
    field.name,
    `"${field.label}" has at most ${field.max_length} characters.`,
    { max_length: field.max_length },
  );
}

/** Within its limits; and whole where its steps are. */
function checkNumber(field: ModelInput & { type: 'number' }, value: unknown): number {
  const { name, label, min, max } = field;
  const whole = Number.isInteger(field.step) && Number.isInteger(min);
  if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) {
    return value;
  }
  throw invalid(
    'input_out_of_range',
    name,
    `"${label}" is a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`,
    { min, max },
  );
}

function checkList(
  field: { name: string; label: string; max_items: number; max_length: number },
  value: unknown,
): string[] {
  if (!Array.isArray(value)) {
    throw invalid('input_wrong_type', field.name, `"${field.label}" is a list of texts.`);
  }
  const texts = value.map((item) => checkText(field, item)).filter((text) => text !== '');
  if (texts.length <= field.max_items) return texts;
  throw invalid('input_too_many', field.name, `"${field.label}" has at most ${field.max_items} entries.`, {
    max_items: field.max_items,
  });
}

function list(choices: readonly { value: string }[]): string {
  return choices.map((choice) => choice.value).join(', ');
}

function invalid(
  code: string,
  field: string,
  message: string,
  data: Record<string, unknown> = {},
): InvalidInputError {
  return new InvalidInputError(code, message, { field, ...data });
}
