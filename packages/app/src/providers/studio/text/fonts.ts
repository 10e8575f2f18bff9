import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { GlobalFonts } from '@napi-rs/canvas';
import { readCoverage } from './woff2-coverage.ts';

const require = createRequire(import.meta.url);

/** Families with a character of their own; every one is followed by the Noto fonts, so that no script is left out. */
export type FaceName = 'serif' | 'serif-italic' | 'condensed' | 'wide' | 'round' | 'mono' | 'sans';

interface Source {
  readonly name: string;
  readonly package: string;
  readonly file: (subset: string) => string;
}

const variable = (name: string, style = 'normal'): Source => ({
  name: style === 'normal' ? name : `${name}-${style}`,
  package: `@fontsource-variable/${name}`,
  file: (subset) => `${name}-${subset}-wght-${style}.woff2`,
});
const didot: Source = {
  name: 'gfs-didot',
  package: '@fontsource/gfs-didot',
  file: (subset) => `gfs-didot-${subset}-400-normal.woff2`,
};

const faces: Record<FaceName, readonly Source[]> = {
  serif: [variable('playfair-display'), didot, variable('inter')],
  'serif-italic': [variable('playfair-display', 'italic'), didot, variable('inter')],
  condensed: [variable('sofia-sans-extra-condensed'), variable('inter')],
  wide: [variable('unbounded'), variable('inter')],
  round: [variable('rubik'), variable('inter')],
  mono: [variable('jetbrains-mono'), variable('inter')],
  sans: [variable('inter')],
};

const scripts = ['arabic', 'hebrew', 'devanagari', 'thai'].map((script) => variable(`noto-sans-${script}`));
/** Han characters are drawn differently in each language: the language of the text's other characters comes first. */
const hanOrder = {
  ja: ['jp', 'sc', 'kr'],
  ko: ['kr', 'jp', 'sc'],
  zh: ['sc', 'jp', 'kr'],
} as const;

export type Language = 'ja' | 'ko' | 'zh' | 'ar' | 'he' | 'hi' | 'th' | 'en';

/** Scripts whose marks reach far above and below the line: they need room between lines that capitals don't. */
export const isTall = (language: Language): boolean =>
  language === 'ar' || language === 'hi' || language === 'th';

/** A guess from the characters alone, good enough to choose between the drawings of one character. */
export function languageOf(text: string): Language {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  if (/\p{Script=Han}/u.test(text)) return 'zh';
  if (/\p{Script=Arabic}/u.test(text)) return 'ar';
  if (/\p{Script=Hebrew}/u.test(text)) return 'he';
  if (/\p{Script=Devanagari}/u.test(text)) return 'hi';
  if (/\p{Script=Thai}/u.test(text)) return 'th';
  return 'en';
}

interface Slice {
  readonly alias: string;
  readonly path: string;
  readonly ranges: readonly (readonly [number, number])[];
  covered?: Set<number>;
  registered?: boolean;
}

const slicesOf = new Map<string, readonly Slice[]>();

function slices(source: Source): readonly Slice[] {
  const known = slicesOf.get(source.name);
  if (known) return known;
  const folder = dirname(require.resolve(`${source.package}/unicode.json`));
  const subsets = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8')) as Record<string, string>;
  const list = Object.entries(subsets).map(([key, ranges]): Slice => {
    const subset = key.replaceAll(/[[\]]/g, '');
    return {
      alias: `hf-${source.name}-${subset}`,
      path: join(folder, 'files', source.file(subset)),
      ranges: ranges.split(',').map((range) => {
        const [first = '0', last = first] = range.slice(2).split('-');
        return [Number.parseInt(first, 16), Number.parseInt(last, 16)] as const;
      }),
    };
  });
  slicesOf.set(source.name, list);
  return list;
}

const emojiSlice: Slice = {
  alias: 'hf-emoji',
  path: join(dirname(require.resolve('twemoji-colr-font/package.json')), 'twemoji.woff2'),
  ranges: [],
};

function has(slice: Slice, code: number): boolean {
  slice.covered ??= readCoverage(readFileSync(slice.path));
  return slice.covered.has(code);
}

function use(slice: Slice): string {
  if (!slice.registered) {
    if (!GlobalFonts.registerFromPath(slice.path, slice.alias)) {
      throw new Error(`the font ${slice.path} can't be loaded`);
    }
    slice.registered = true;
  }
  return slice.alias;
}

/** Joiners, marks of direction and selectors: they shape their neighbours and have no picture of their own. */
const invisible = /[\s\p{Default_Ignorable_Code_Point}\p{Cf}]/u;

function findSlice(code: number, sources: readonly Source[]): Slice | undefined {
  for (const source of sources) {
    for (const slice of slices(source)) {
      if (slice.ranges.some(([first, last]) => code >= first && code <= last) && has(slice, code))
        return slice;
    }
  }
  return undefined;
}

function sourcesFor(face: FaceName, language: Language): readonly Source[] {
  const han = hanOrder[language === 'ja' || language === 'ko' ? language : 'zh'];
  return [...faces[face], ...scripts, ...han.map((part) => variable(`noto-sans-${part}`))];
}

const stacks = new Map<string, { families: string; missing: string[] }>();

/**
 * The families that draw this text in this face, best first, loaded and ready for `ctx.font`; and the characters that none of
 * them has. Only the slices that the text needs are loaded.
 */
export function fontStack(
  face: FaceName,
  text: string,
  language: Language,
): { families: string; missing: string[] } {
  const key = `${face}|${language}|${text}`;
  const known = stacks.get(key);
  if (known) return known;
  const sources = sourcesFor(face, language);
  const aliases = new Set<string>();
  const missing: string[] = [];
  for (const character of new Set(text)) {
    if (invisible.test(character)) continue;
    const slice = findSlice(character.codePointAt(0) ?? 0, sources);
    if (slice) aliases.add(use(slice));
    else missing.push(character);
  }
  if (aliases.size === 0) {
    const latin = slices(faces[face][0] as Source).find((slice) => slice.alias.endsWith('-latin'));
    if (latin) aliases.add(use(latin));
  }
  const stack = { families: [...aliases].map((alias) => `"${alias}"`).join(','), missing };
  if (stacks.size > 5000) stacks.clear();
  stacks.set(key, stack);
  return stack;
}

export const emojiPattern = /\p{RGI_Emoji}/v;

/** The family that draws emoji in colour. */
export function emojiFamily(): string {
  return `"${use(emojiSlice)}"`;
}

/** Whether an emoji (perhaps of several code points) can be drawn as it is meant. */
export function hasEmoji(emoji: string): boolean {
  return Array.from(emoji).every((part) => invisible.test(part) || has(emojiSlice, part.codePointAt(0) ?? 0));
}

/** The text without what no font here can draw; an empty string where nothing is left. */
export function drawable(text: string, face: FaceName = 'sans'): string {
  const language = languageOf(text);
  const sources = sourcesFor(face, language);
  const parts = text.split(/(\p{RGI_Emoji})/v);
  return parts
    .map((part, i) => {
      if (i % 2 === 1) return hasEmoji(part) ? part : '';
      return Array.from(part)
        .filter((c) => invisible.test(c) || findSlice(c.codePointAt(0) ?? 0, sources) !== undefined)
        .join('');
    })
    .join('')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
