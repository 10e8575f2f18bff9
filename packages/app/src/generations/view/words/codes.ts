import type { ErrorClass } from '../../../providers/port.ts';

/** Whose doing it was, as people are told. */
export type Blame = 'person' | 'us' | 'nobody';

/** Codes that have words of their own, and by whose doing they are. All others are told by their class. */
export const blame_of_code = {
  deadline: 'us',
  interrupted: 'us',
  output_unplayable: 'us',
  output_unavailable: 'us',
  task_gone: 'us',
  hold_ended: 'us',
  credit_gone: 'nobody',
  outcome_unknown: 'us',
  delivery_failed: 'us',
  released_by_operator: 'us',
  text_not_drawable: 'person',
  text_too_long: 'person',
  photo_unreadable: 'person',
  photo_quality: 'person',
  photo_too_large: 'person',
  result_declined: 'person',
  moderation_refused: 'person',
} as const satisfies Record<string, Blame>;
export type FailureCode = keyof typeof blame_of_code;

/** What providers call the same thing. */
const other_names: Readonly<Record<string, FailureCode>> = {
  face_detection_error: 'photo_quality',
  image_too_small: 'photo_quality',
  image_load_error: 'photo_unreadable',
  file_download_error: 'photo_unreadable',
  '451': 'photo_unreadable',
  image_too_large: 'photo_too_large',
  file_too_large: 'photo_too_large',
  '413': 'photo_too_large',
  http_413: 'photo_too_large',
  string_too_long: 'text_too_long',
  no_media_generated: 'result_declined',
  nsfw_content: 'result_declined',
  render_aborted: 'interrupted',
  render_failed: 'interrupted',
  output_gone: 'output_unavailable',
  output_refused: 'output_unavailable',
  object_too_large: 'output_unavailable',
};

export function blameOfClass(errorClass: ErrorClass): Blame {
  switch (errorClass) {
    case 'USER_INPUT':
    case 'USER_POLICY':
      return 'person';
    case 'CANCELLED':
      return 'nobody';
    case 'TRANSIENT':
    case 'SYSTEM':
    case 'UNKNOWN':
    case 'OPERATOR_BALANCE':
    case 'OPERATOR_AUTH':
    case 'OPERATOR_CONFIG':
      return 'us';
    default:
      throw new Error(`unknown class of error ${String(errorClass satisfies never)}`);
  }
}

/** The words' code for an error's; null where its class has to say it, and where its class says that somebody else did it. */
export function codeWithWords(code: string, errorClass: ErrorClass): FailureCode | null {
  const named = other_names[code] ?? (Object.hasOwn(blame_of_code, code) ? (code as FailureCode) : null);
  if (named === null) return null;
  return blame_of_code[named] === blameOfClass(errorClass) ? named : null;
}
