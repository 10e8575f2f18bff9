import { expect, test } from 'vitest';
import { drawable, fontStack, hasEmoji, languageOf } from '../../src/providers/studio/text/fonts.ts';
import type { FaceName } from '../../src/providers/studio/text/fonts.ts';
import { readingSeconds, writeScript } from '../../src/providers/studio/text/script.ts';
import { typeset, typesetFull } from '../../src/providers/studio/text/typeset.ts';
import type { Setting } from '../../src/providers/studio/text/measure.ts';
import { baseDirection, splitWords } from '../../src/providers/studio/text/words.ts';

const faces: FaceName[] = ['serif', 'serif-italic', 'condensed', 'wide', 'round', 'mono', 'sans'];
const texts = {
  english: 'Summer sale: 30% off ceramic mugs, “today” only — £4.99!',
  french: 'L’été à Besançon, où naquit Noël; cœur brisé',
  german: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  polish: 'Zażółć gęślą jaźń',
  turkish: 'İstanbul’da ılık bir gece',
  vietnamese: 'Đêm cuối cùng của người gác hải đăng',
  russian: 'Съешь ещё этих мягких французских булок, да выпей чаю. Цена 1 290 ₽, №5',
  ukrainian: 'Ґанок, їжак і під’їзд',
  greek: 'Η τελευταία νύχτα του φαροφύλακα, ώρα 23:59',
  chinese: '黑洞如何歌唱，宇宙在倾听；灯塔守护人的最后一夜。',
  japanese: '星が降る夜、灯台守は「最後の灯」をともす。',
  korean: '블랙홀은 어떻게 노래하는가?',
  arabic: 'شتاء 2026: خصم 30% على الأكواب (السيراميك)!',
  hebrew: 'שיר קטן על גשם גדול ב-New York בשנת 1999',
  hindi: 'नमस्ते दुनिया, यह एक परीक्षा है',
  thai: 'สวัสดีชาวโลก นี่คือการทดสอบ',
  emoji: 'coffee ☕️ first 👩‍🚀 then 🇫🇷 ❤️ 👍🏽',
};

test.each(Object.entries(texts))('%s: every face has every character, through its companions', (_, text) => {
  const letters = text.replaceAll(/\p{RGI_Emoji}/gv, '');
  const missing = faces.flatMap((face) => fontStack(face, letters, languageOf(text)).missing);
  expect(missing).toEqual([]);
  expect(drawable(text)).toBe(text);
});

test('emoji of several code points are whole; what no font has is left out, nothing else', () => {
  for (const emoji of ['☕️', '👩‍🚀', '🇫🇷', '❤️', '👍🏽', '🎉']) expect(hasEmoji(emoji)).toBe(true);
  expect(drawable('one \u{10900}\u{10901} two \uE000')).toBe('one two');
});

function settingFor(text: string, size: { width: number; height: number }, face: FaceName): Setting {
  return {
    voice: { face, weight: 600 },
    strongVoice: { face, weight: 900 },
    strongScale: 1.2,
    ...size,
    largest: 120,
    align: 'start',
    direction: baseDirection(text),
    language: languageOf(text),
  };
}

test.each(Object.entries({ ...texts, long: texts.russian.repeat(8), endless: 'x'.repeat(900) }))(
  '%s: set in any box, all of it stays inside',
  (_, text) => {
    const words = splitWords(text);
    for (const size of [
      { width: 560, height: 300 },
      { width: 240, height: 700 },
    ]) {
      for (const face of faces) {
        for (const set of [typeset, typesetFull]) {
          const block = set(words, settingFor(text, size, face));
          expect(block.words).toHaveLength(words.length);
          expect(block.height).toBeLessThanOrEqual(size.height + 1);
          for (const word of block.words) {
            expect(word.x).toBeGreaterThanOrEqual(-0.5);
            expect(word.x + word.width).toBeLessThanOrEqual(size.width + 1);
          }
        }
      }
    }
  },
);

const orderOf = (text: string, width = 4000): string[] => {
  const block = typeset(splitWords(text), {
    ...settingFor(text, { width, height: 200 }, 'sans'),
    largest: 20,
  });
  return block.words.toSorted((one, two) => one.x - two.x).map((word) => word.text);
};

test('both directions stand in the order they are read', () => {
  expect(orderOf('one two three')).toEqual(['one', 'two', 'three']);
  expect(orderOf('שיר קטן גדול')).toEqual(['גדול', 'קטן', 'שיר']);
  expect(orderOf('שיר ב-New York קטן')).toEqual(['קטן', 'New', 'York', 'ב-', 'שיר']);
  expect(orderOf('the שלום עולם word')).toEqual(['the', 'עולם', 'שלום', 'word']);
  expect(orderOf('خصم 30% اليوم')).toEqual(['اليوم', '30%', 'خصم']);
});

test('no words touch their neighbours where there is a space', () => {
  for (const text of ['ב-New York בשנת 1999', 'the שלום עולם word', 'one two']) {
    const block = typeset(splitWords(text), {
      ...settingFor(text, { width: 4000, height: 99 }, 'sans'),
      largest: 20,
    });
    const ordered = block.words.toSorted((one, two) => one.x - two.x);
    const gaps = ordered
      .slice(1)
      .map((word, i) => word.x - ((ordered[i]?.x ?? 0) + (ordered[i]?.width ?? 0)));
    const spaces = splitWords(text)
      .slice(1)
      .filter((word) => word.spaced).length;
    expect(gaps.filter((gap) => gap > 2)).toHaveLength(spaces);
    expect(gaps.every((gap) => gap > -0.01)).toBe(true);
  }
});

test('moments follow one another, last as long as reading takes where there is time, and say every word once', () => {
  for (const text of Object.values(texts)) {
    for (const seconds of [3, 5, 15]) {
      const { shots } = writeScript(text, { seconds });
      const said = shots
        .filter((shot) => !shot.finale)
        .flatMap((shot) => shot.words.map((word) => word.text));
      const bare = (word: string): string => word.replace(/[,，、،;]$/u, '');
      expect(said.map(bare)).toEqual(splitWords(text).map((word) => bare(word.text)));
      shots.forEach((shot, i) => {
        expect(shot.end).toBeGreaterThan(shot.start);
        expect(shot.start).toBeCloseTo(i === 0 ? 0.25 : (shots[i - 1]?.end ?? -1), 5);
      });
      expect(shots.at(-1)?.end).toBe(seconds);
    }
  }
  const calm = writeScript(
    'The lighthouse keeper climbs the stairs once more. Nobody will ever light this lamp again.',
    { seconds: 12 },
  );
  for (const shot of calm.shots.filter((one) => !one.finale)) {
    expect(shot.end - shot.start).toBeGreaterThanOrEqual(readingSeconds(shot.words) * 0.95);
  }
});

test('five hundred characters in three seconds are few full moments, none shorter than a second', () => {
  const { shots } = writeScript('And so it goes on and on, said the sea. '.repeat(13), { seconds: 3 });
  expect(shots.length).toBeLessThanOrEqual(2);
  for (const shot of shots) expect(shot.end - shot.start).toBeGreaterThanOrEqual(1);
});
