import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';

/** What a signed link opens: an asset's file or poster, the file as an attachment, or a person's own upload. */
export const linkVariants = ['file', 'poster', 'download', 'upload'] as const;
export type LinkVariant = (typeof linkVariants)[number];

export interface Links {
  /**
   * An absolute URL: `/media/<variant>/<id>?expires=<unix seconds>&signature=<base64url>`. Whoever has it may see the file until then.
   * The same for a quarter of its lifetime, so that players and caches keep it.
   * @param days for so long instead of the usual, where it stands in something that is read later, such as a mail
   */
  sign(variant: LinkVariant, id: string, days?: number): string;
  /** Compares in constant time; says `link_expired` only of a link that was made here. */
  verify(link: {
    variant: string;
    id: string;
    expires: string;
    signature: string;
  }): { ok: true; variant: LinkVariant } | { ok: false; reason: 'link_invalid' | 'link_expired' };
}

/**
 * @param options.publicUrl without a trailing slash
 * @param options.secret at least 32 characters, the same on every machine
 */
export function createLinks(options: {
  publicUrl: string;
  secret: string;
  clock: Clock;
  lifetimeSeconds: number;
}): Links {
  const { publicUrl, secret, clock, lifetimeSeconds } = options;
  if (secret.length < 32) throw new Error('the secret that signs links needs at least 32 characters');
  const signatureOf = (variant: string, id: string, expires: string): string =>
    createHmac('sha256', secret).update(`media\n${variant}\n${id}\n${expires}`).digest('base64url');
  return {
    sign(variant, id, days) {
      const now = Math.floor(clock.now().getTime() / 1000);
      const lifetime = days === undefined ? lifetimeSeconds : days * 86_400;
      const step = Math.max(1, Math.floor(lifetime / 4));
      const expires = String(Math.ceil((now + lifetime) / step) * step);
      const signature = signatureOf(variant, id, expires);
      return `${publicUrl}/media/${variant}/${id}?expires=${expires}&signature=${signature}`;
    },
    verify({ variant, id, expires, signature }) {
      const known = linkVariants.find((name) => name === variant);
      const expected = Buffer.from(signatureOf(variant, id, expires));
      const given = Buffer.from(signature);
      if (known === undefined || given.length !== expected.length || !timingSafeEqual(given, expected)) {
        return { ok: false, reason: 'link_invalid' };
      }
      return Number(expires) * 1000 > clock.now().getTime()
        ? { ok: true, variant: known }
        : { ok: false, reason: 'link_expired' };
    },
  };
}
