import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLinks, linkVariants } from '../../src/delivery/links.ts';

const secret = 'a secret of more than thirty-two characters';
let now = new Date('2026-03-01T12:00:00Z');
const links = createLinks({
  publicUrl: 'https://video.example.com',
  secret,
  clock: { now: () => now },
  lifetimeSeconds: 3_600,
});

function parts(url: string): { variant: string; id: string; expires: string; signature: string } {
  const { pathname, searchParams } = new URL(url);
  const [, , variant = '', id = ''] = pathname.split('/');
  return {
    variant,
    id,
    expires: searchParams.get('expires') ?? '',
    signature: searchParams.get('signature') ?? '',
  };
}

describe('a signed link', () => {
  test('opens what it names, until it expires', () => {
    now = new Date('2026-03-01T12:00:00Z');
    const url = links.sign('file', 'ast_1');
    expect(url).toMatch(
      /^https:\/\/video\.example\.com\/media\/file\/ast_1\?expires=\d+&signature=[\w-]{43}$/,
    );
    expect(links.verify(parts(url))).toEqual({ ok: true, variant: 'file' });
    now = new Date(Number(parts(url).expires) * 1000 - 1);
    expect(links.verify(parts(url))).toMatchObject({ ok: true });
    now = new Date(Number(parts(url).expires) * 1000);
    expect(links.verify(parts(url))).toEqual({ ok: false, reason: 'link_expired' });
  });

  test('lives at least as long as promised, and stays the same for a while', () => {
    now = new Date('2026-03-01T12:00:01Z');
    const url = links.sign('file', 'ast_1');
    expect(Number(parts(url).expires) * 1000).toBeGreaterThanOrEqual(now.getTime() + 3_600_000);
    now = new Date('2026-03-01T12:10:00Z');
    expect(links.sign('file', 'ast_1')).toBe(url);
  });

  test('changed in any part, it is nothing', () => {
    now = new Date('2026-03-01T12:00:00Z');
    fc.assert(
      fc.property(
        fc.constantFrom(...linkVariants),
        fc.stringMatching(/^ast_[0-9a-z]{26}$/),
        fc.constantFrom('variant', 'id', 'expires', 'signature'),
        fc.string({ maxLength: 60 }),
        (variant, id, part, other) => {
          const link = parts(links.sign(variant, id));
          const changed = { ...link, [part]: other };
          fc.pre(changed[part] !== link[part]);
          expect(links.verify(changed)).toEqual({ ok: false, reason: 'link_invalid' });
        },
      ),
    );
  });

  test('signed by another secret, it is nothing', () => {
    const other = createLinks({
      publicUrl: 'https://video.example.com',
      secret: secret.toUpperCase(),
      clock: { now: () => now },
      lifetimeSeconds: 3_600,
    });
    expect(links.verify(parts(other.sign('file', 'ast_1')))).toEqual({ ok: false, reason: 'link_invalid' });
  });
});
