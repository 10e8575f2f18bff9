/** Sends one mail. Throws where it was not taken over by the next server (or written to the local box). */
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
