/** Sends one mail. Throws a `MailError` where it was not taken over by the next server (or written to the local box). */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

/** Plain text, with the one address that its reader is asked to open, if any, also apart. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly link?: string;
  /** The address that stops mails of this kind at one press (RFC 8058), where that is due. */
  readonly unsubscribeUrl?: string;
  /** The same for readers of HTML. */
  readonly html?: string;
}

/**
 * `refused`: for good, such as a mailbox that doesn't exist. `later`: it was not taken now. `unknown`: it was handed over, and no answer
 * came: it may be on its way.
 */
export class MailError extends Error {
  readonly outcome: 'refused' | 'later' | 'unknown';
  /** What the server answered, if it did. */
  readonly status: number | null;

  constructor(outcome: MailError['outcome'], status: number | null, options: { cause: unknown }) {
    super(options.cause instanceof Error ? options.cause.message : String(options.cause), options);
    this.outcome = outcome;
    this.status = status;
  }
}
