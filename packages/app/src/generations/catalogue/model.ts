export type Kind = 'video' | 'image';
export type AspectRatio = '9:16' | '1:1' | '16:9';

/** What a person asks for. Which of these a model takes, and their limits, are the model's data. */
export interface GenerationInput {
  readonly template?: string;
  readonly prompt?: string;
  /** An upload's id. */
  readonly image?: string;
  readonly duration_seconds?: number;
  readonly aspect_ratio?: AspectRatio;
  readonly style?: string;
  readonly seed?: number;
  /** How many files to make: each is charged only if it is delivered. */
  readonly count?: number;
  readonly product_name?: string;
  readonly product_price?: string;
  readonly selling_points?: readonly string[];
}
