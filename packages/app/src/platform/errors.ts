/** Facts a program needs beside the message; JSON-safe (amounts as decimal strings). */
export type ErrorData = Readonly<Record<string, unknown>>;

/**
 * The base of every error that Holdfast raises on purpose. `code` is stable and is what programs branch on; the
 * message is a sentence for people that says what to do. Only a door turns it into an HTTP status or an exit code.
 */
export class HoldfastError extends Error {
  readonly code: string;
  readonly data: ErrorData;

  constructor(code: string, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.data = data;
  }
}

/** The caller sent something that can't be accepted as it is. Nothing was written. */
export class InvalidInputError extends HoldfastError {
  constructor(code: string, message: string, data: ErrorData = {}) {
    super(code, message, data);
  }
}

/** What was asked for does not exist, or is not this person's: the two are never told apart. */
export class NotFoundError extends HoldfastError {
  constructor(what: string) {
    super('not_found', `There is no such ${what}, or it isn't yours.`, { what });
  }
}
