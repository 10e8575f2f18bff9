import type { Clock } from '../platform/clock.ts';

/** What a signed link opens. `poster` and `file` are an asset's; `download` is the file as an attachment; `upload` a person's own photo. */
export type LinkVariant = 'file' | 'poster' | 'download' | 'upload';

export interface Links {
  /** An absolute URL below `publicUrl`: `/media/<variant>/<id>?expires=<unix seconds>&signature=<base64url>`. Same within an hour, so that players and caches keep it. */
  sign(variant: LinkVariant, id: string): string;
  /** Compares in constant time. */
  verify(link: {
    variant: string;
    id: string;
    expires: string;
    signature: string;
  }): { ok: true; variant: LinkVariant } | { ok: false; reason: 'link_invalid' | 'link_expired' };
}

/** @param options.publicUrl without a trailing slash; @param options.secret at least 32 bytes */
export declare function createLinks(options: {
  publicUrl: string;
  secret: string;
  clock: Clock;
  lifetimeSeconds: number;
}): Links;
