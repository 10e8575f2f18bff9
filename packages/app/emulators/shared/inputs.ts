import type { Service } from './service.ts';

export interface InputProblem {
  readonly kind: 'not_an_address' | 'no_such_file';
  readonly field: string;
  readonly value: string;
}

/** Inputs of this name are addresses of files, at every vendor. */
const addresses = /(^|_)(image|images|frame|frames|video|audio)(_input|_urls?)?$|_urls?$/;

/**
 * What is wrong with an input's files: an address that is none, or one of this very service that nobody has uploaded to. Whether others can be
 * fetched, an emulator on loopback doesn't know.
 */
export function problemOfFiles(input: unknown, service: Service): InputProblem | null {
  for (const [field, value] of Object.entries((input ?? {}) as Record<string, unknown>)) {
    if (!addresses.test(field)) continue;
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof each !== 'string') continue;
      if (!/^https?:\/\//.test(each)) return { kind: 'not_an_address', field, value: each };
      if (each.startsWith(`${service.url}/files/`) && !isThere(each, service)) {
        return { kind: 'no_such_file', field, value: each };
      }
    }
  }
  return null;
}

function isThere(address: string, service: Service): boolean {
  const { pathname } = new URL(address);
  if (service.uploads.has(pathname)) return true;
  // Results can be worked on further.
  return [...service.tasks.keys()].some((id) => pathname.startsWith(`/files/${id}`));
}
