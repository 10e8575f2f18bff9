import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWordList, readWordFile } from '../../src/moderation/word-list.ts';

const never = new AbortController().signal;
const allows = async (words: string[], text: string) =>
  (await createWordList(words).judge({ text, image: null }, never)).allowed;

test.each([
  [['gun'], 'a gun on the table', false],
  [['gun'], 'GUN!', false],
  [['gun'], 'begun, gunnery', true],
  [['gun*'], 'gunnery', false],
  [['gun*'], 'begun', true],
  [['war crime'], 'a  War\nCrime here', false],
  [['война'], 'Война и мир', false],
  [['война'], 'войнами', true],
  [['еж'], 'ёж бежит', false],
  [['cafe'], 'Café', false],
  [['gun'], 'ｇｕｎ', false],
  [['gun'], 'g\u200bun', false],
  [['暴力'], '这是暴力内容', false],
  [['暴力'], '这是平静内容', true],
  [['c++'], 'I write c++ daily', false],
  [['a.c'], 'abc', true],
  [['(', '[', '\\'], 'nothing', true],
  [['', '  ', '*'], 'anything', true],
  [[], 'anything', true],
] as const)('%j against %j', async (words, text, allowed) => {
  expect(await allows([...words], text)).toBe(allowed);
});

test('says which word it was, for the operator', async () => {
  const verdict = await createWordList(['gun']).judge({ text: 'No guns, one Gun.', image: null }, never);
  expect(verdict).toEqual({ allowed: false, reason: 'the word "gun"' });
});

test('a list of many words judges a long text at once', async () => {
  const list = createWordList(Array.from({ length: 5_000 }, (_, n) => `word${n}x`));
  const before = performance.now();
  expect(await list.judge({ text: 'word '.repeat(1_000), image: null }, never)).toEqual({ allowed: true });
  expect(performance.now() - before).toBeLessThan(1_000);
});

test('a file: one in each line, with remarks; one that is missing is told in a sentence', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-words-'));
  const path = join(directory, 'words.txt');
  await writeFile(path, 'gun # and the like\n\n# all of it\n  bad*\n');
  expect(readWordFile(path)).toEqual(['gun', 'bad*']);
  expect(() => readWordFile(join(directory, 'none'))).toThrow(/MODERATION_WORDS_FILE names/);
  await rm(directory, { recursive: true });
});
