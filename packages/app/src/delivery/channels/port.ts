import type { Tx } from '../../platform/database.ts';
import type { Locale } from '../../platform/locale.ts';
import type { DeliveryRow } from '../runner/rows.ts';
import type { Channel, Sent } from '../rules.ts';

/** A file as a channel sends it. */
export interface SubjectFile {
  readonly assetId: string;
  readonly kind: 'video' | 'image';
  readonly sha256: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly durationSeconds: number | null;
}

/** What a delivery is about, in one language. */
export interface Subject {
  readonly generationId: string;
  readonly personId: string;
  readonly personName: string;
  readonly status: string;
  readonly kind: 'video' | 'image';
  readonly files: readonly SubjectFile[];
  /** Whether the files are closed, because the credits went back. */
  readonly locked: boolean;
  /** One sentence: what was delivered and charged, or what went wrong; it always says what became of the credits. */
  readonly sentence: string;
  readonly charged: bigint;
  /** What was held or paid, and is the person's again. */
  readonly back: bigint;
  readonly refunded: bigint;
  /** Credits that one more would cost now; null where it can't be made again. */
  readonly againCredits: bigint | null;
  /** The generation's page. */
  readonly webUrl: string;
  /**
   * What somebody in a chat opens: that page, or, for who never signs in on the web, the first file itself for some weeks. Null where there is
   * nothing for them to open.
   */
  readonly chatUrl: string | null;
  /** Of the first file; to be seen for weeks, as mails are. Null where there is none. */
  readonly pictureUrl: string | null;
  /** Until when the files are kept; null: for ever, or there are none. */
  readonly keptUntil: Date | null;
  /** As the API shows it: what a webhook carries. */
  readonly view: unknown;
}

/** What this domain asks of those above it. */
export interface Subjects {
  read(generationId: string, locale: Locale): Promise<Subject>;
  /**
   * The file was proven not to have reached the person, through no doing of theirs: gives the credits back and locks the file, once, inside
   * the caller's transaction.
   */
  giveBack(tx: Tx, generationId: string, deliveryId: string): Promise<void>;
}

/** A way to reach people. */
export interface DeliveryChannel {
  readonly id: Exclude<Channel, 'library'>;
  /** How this one will be sent, which an attempt is noted under. */
  way(row: DeliveryRow): string;
  /** What can be repeated without harm, before the send is noted: storing a file on the other side. */
  prepare?(row: DeliveryRow, signal: AbortSignal): Promise<Sent | null>;
  send(row: DeliveryRow, signal: AbortSignal): Promise<Sent>;
  /** After an end was written: tells the person what else there is to tell. Best effort: nothing depends on it. */
  after?(row: DeliveryRow, state: 'refused' | 'uncertain' | 'delivered'): Promise<void>;
  /** Inside the transaction that writes that it is refused. */
  refused?(tx: Tx, row: DeliveryRow, refusal: { reason: string; proven: boolean }): Promise<void>;
}
