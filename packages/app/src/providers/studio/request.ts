import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InvalidInputError } from '../../platform/errors.ts';

export const styleNames = ['nocturne', 'poster', 'paper', 'signal', 'aura', 'echo'] as const;
export type StyleName = (typeof styleNames)[number];

/** How a photo is developed. */
export const gradeNames = ['warm', 'film', 'sea', 'dusk', 'forest', 'rose', 'night', 'mono'] as const;
export type GradeName = (typeof gradeNames)[number];

/** What a product card is printed on. */
export const themeNames = ['light', 'dark', 'vivid'] as const;
export type ThemeName = (typeof themeNames)[number];

export const shapes = ['9:16', '1:1', '16:9'] as const;

/** `standard`: short side 720. `pro`: short side 1080, with grain, bloom and finer scenes. */
const qualities = ['standard', 'pro'] as const;

/** What the renderer's limits are, for forms and for prices. */
export const limits = {
  promptCharacters: 1000,
  captionCharacters: 500,
  productNameCharacters: 120,
  productPriceCharacters: 40,
  sellingPoints: 6,
  sellingPointCharacters: 90,
  minSeconds: 3,
  maxSeconds: 15,
} as const;

const words = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => text.trim().length > 0, 'must not be empty');

const common = {
  shape: z.enum(shapes).default('9:16'),
  quality: z.enum(qualities).default('standard'),
  /** The same seed and inputs give the same pictures. Left out, it is derived from the inputs. */
  seed: z.int().min(0).max(4_294_967_295).optional(),
};

const seconds = z.number().min(limits.minSeconds).max(limits.maxSeconds).default(5);
/** The path of a photograph that has been through the upload door: JPEG, WebP or PNG. */
const photo = z.string().min(1);

const schema = z.discriminatedUnion('make', [
  z.strictObject({
    make: z.literal('video_prompt'),
    prompt: words(limits.promptCharacters),
    style: z.enum(styleNames).optional(),
    seconds,
    ...common,
  }),
  z.strictObject({
    make: z.literal('video_reels'),
    photo,
    /** Several captions, each its own moment; or a prompt that is split into them. */
    captions: z.array(words(limits.captionCharacters)).max(8).default([]),
    prompt: z.string().max(limits.promptCharacters).default(''),
    style: z.enum(gradeNames).optional(),
    seconds,
    ...common,
  }),
  z.strictObject({
    make: z.literal('video_neurocard'),
    photo,
    name: words(limits.productNameCharacters),
    price: z.string().max(limits.productPriceCharacters).default(''),
    sellingPoints: z.array(words(limits.sellingPointCharacters)).max(limits.sellingPoints).default([]),
    style: z.enum(themeNames).optional(),
    seconds,
    ...common,
  }),
  z.strictObject({
    make: z.literal('image_prompt'),
    prompt: words(limits.promptCharacters),
    style: z.enum(styleNames).optional(),
    ...common,
  }),
  z.strictObject({
    make: z.literal('image_photo'),
    photo,
    prompt: z.string().max(limits.promptCharacters).default(''),
    style: z.enum(gradeNames).optional(),
    ...common,
  }),
]);

/** As a caller writes it: what has a default may be left out. */
export type StudioRequest = z.input<typeof schema>;
/** Checked, with every default filled in. */
export type StudioJob = z.output<typeof schema>;

export const framesPerSecond = 30;

/** Checks a request and fills in its defaults. Throws `InvalidInputError` with code `studio_input_invalid`, naming the field. */
export function parseStudioRequest(request: unknown): StudioJob {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'request';
  throw new InvalidInputError(
    'studio_input_invalid',
    `The renderer can't use "${field}": ${issue?.message ?? 'it is not what is expected'}.`,
    { field },
  );
}

/** Pixels of a job: the short side is 720 or 1080; pictures are always made at 1080. */
export function pixelsOf(job: Pick<StudioJob, 'shape' | 'quality' | 'make'>): {
  width: number;
  height: number;
} {
  const still = job.make === 'image_prompt' || job.make === 'image_photo';
  const short = still || job.quality === 'pro' ? 1080 : 720;
  const long = (short * 16) / 9;
  if (job.shape === '1:1') return { width: short, height: short };
  return job.shape === '9:16' ? { width: short, height: long } : { width: long, height: short };
}

/** Frames of a job: its seconds at 30 a second, to the nearest frame; 1 for a picture. */
export function framesOf(job: StudioJob): number {
  return 'seconds' in job ? Math.round(job.seconds * framesPerSecond) : 1;
}

/** The number that decides the composition: the job's own seed with its words, never its size, its length or where its photo lies. */
export function seedOf(job: StudioJob): string {
  const {
    photo: _photo,
    shape: _shape,
    quality: _quality,
    seconds: _seconds,
    ...words
  } = {
    photo: null,
    seconds: null,
    ...job,
  };
  return createHash('sha256').update(JSON.stringify(words)).digest('hex');
}
