import { z } from 'zod';
import { credits, instant } from './common.ts';

/** The languages that people are told things in. */
export const locale = z.enum(['en', 'ru', 'zh']);

/** `GET /api/me`. */
export const me = z.object({
  id: z.string(),
  email: z.string().nullable(),
  email_verified: z.boolean(),
  name: z.string(),
  role: z.enum(['creator', 'operator']),
  /** What they chose to be told things in; null: what their browser prefers. */
  locale: locale.nullable(),
  /** Credits that wait for the mail address to be verified; 0 where nothing waits. */
  credits_waiting_for_verification: credits,
  created_at: instant,
});
export type Me = z.infer<typeof me>;

/** `PUT /api/me/locale`. */
export const localeChoice = z.strictObject({ locale: locale.nullable() });
export type LocaleChoice = z.infer<typeof localeChoice>;

/** What the app needs before anyone signs in. `GET /api/settings`. */
export const publicSettings = z.object({
  sign_up_credits: credits,
  sign_up_credits_need_verified_email: z.boolean(),
  credit_expiry_months: z.int(),
  max_upload_bytes: z.int(),
  password_min_length: z.int(),
  /** Where credits can be bought, or what they cost is explained. */
  pricing_url: z.string(),
  /** Where mails can be read while no SMTP server is set; null otherwise. */
  local_mail_url: z.string().nullable(),
  /** Whether there is a Telegram bot to link an account with. */
  telegram: z.boolean(),
});
export type PublicSettings = z.infer<typeof publicSettings>;
