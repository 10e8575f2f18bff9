import type { FastifyRequest } from 'fastify';
import { inLocale } from '../generations/deps.ts';
import type { GenerationDeps } from '../generations/deps.ts';
import { localeOfHeader } from '../platform/locale.ts';
import type { Locale } from '../platform/locale.ts';

/** The language of an answer: what the person chose, else what their browser prefers. */
export function localeOf(request: FastifyRequest): Locale {
  return request.identity?.person.locale ?? localeOfHeader(request.headers['accept-language']);
}

/** Generations, telling this caller of them in their language. */
export function speaking(generations: GenerationDeps, request: FastifyRequest): GenerationDeps {
  return inLocale(generations, localeOf(request));
}
