import type { Database } from '../../src/platform/database.ts';

const templates = [
  {
    id: 'prompt',
    label: 'Words',
    description: 'Words.',
    inputs: [
      { type: 'text', name: 'prompt', label: 'Words', required: true, max_length: 200, multiline: false },
    ],
  },
];

/** The model that needs no time, and its price. */
export async function addModel(owner: Database): Promise<void> {
  await owner.query(
    `insert into holdfast.model (id, name, description, kind, provider_id, provider_model, position, templates, aspect_ratios,
                                 deadline_seconds, poll_seconds, edited_at)
     values ('zero', 'Zero', 'No time.', 'image', 'zero', 'zero', 1, $1, '{1:1}', 600, 1, holdfast.clock())`,
    [JSON.stringify(templates)],
  );
  await owner.query(
    `insert into holdfast.price (version, model_id, unit, credits_per_unit) values ('zero/1', 'zero', 'piece', 1)`,
  );
}
