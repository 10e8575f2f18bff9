import { HoldfastError } from '../../platform/errors.ts';

export type StudioErrorCode =
  /** Nothing of the text can be drawn by any font here. The person's to change. */
  | 'text_not_drawable'
  /** The photograph can't be decoded. The person's to change. */
  | 'photo_unreadable'
  /** The caller's signal ended it. */
  | 'render_aborted'
  /** The encoder or the drawing failed, or its process was killed. Trying again may help. */
  | 'render_failed';

export class StudioError extends HoldfastError {
  declare readonly code: StudioErrorCode;

  constructor(code: StudioErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, {}, options);
  }
}
