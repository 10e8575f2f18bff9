/** The languages that people are told things in. The first is for whoever speaks none of them. */
export const locales = ['en', 'ru', 'zh'] as const;
export type Locale = (typeof locales)[number];

export function isLocale(text: string): text is Locale {
  return (locales as readonly string[]).includes(text);
}

/** The language of a tag such as `zh-Hant-TW` or `ru_RU`; null where it is none of ours. */
export function localeOfTag(tag: string): Locale | null {
  const [language = ''] = tag.trim().toLowerCase().split(/[-_]/);
  return isLocale(language) ? language : null;
}

/** What a browser prefers most of what there is, by its `Accept-Language`; English where it names none of ours. */
export function localeOfHeader(header: string | undefined): Locale {
  const wanted = (header ?? '').slice(0, 500).split(',').map(preference);
  const [best] = wanted
    .filter((each) => each.locale !== null && each.weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  return best?.locale ?? 'en';
}

function preference(part: string): { locale: Locale | null; weight: number } {
  const [tag = '', ...parameters] = part.split(';');
  const quality = parameters.map((each) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(each)?.[1]).find(Boolean);
  return { locale: localeOfTag(tag), weight: quality === undefined ? 1 : Number(quality) };
}
