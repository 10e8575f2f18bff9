import { expect, test } from 'vitest';
import { readKnob, readKnobs, usual } from '../../emulators/shared/knobs.ts';

test('a knob as it is typed', () => {
  expect(readKnob('callback=dup')).toEqual({ callback: 'dup' });
  expect(readKnob('callback=null')).toEqual({ callback: null });
  expect(readKnob('asset=404')).toEqual({ asset: '404' });
  expect(readKnob('runMs=50')).toEqual({ runMs: 50 });
  expect(readKnob('limited=false')).toEqual({ limited: false });
  expect(readKnob('refuseWord=42')).toEqual({ refuseWord: '42' });
  expect(readKnob('submit=hang,accept')).toEqual({ submit: ['hang', 'accept'] });
  expect(readKnob('submit=[{"status":422,"body":{"msg":"no"}}]')).toEqual({
    submit: [{ status: 422, body: { msg: 'no' } }],
  });
  expect(readKnob('fail=')).toEqual({ fail: [] });
});

test.each([
  ['callback=maybe', /callback: .*"dup"/],
  ['runMs=-1', /runMs: /],
  ['runMs=soon', /runMs: /],
  ['submit=hang,bogus', /submit\.1: accept, accept_then_drop/],
  ['fail=[{"code":"500"}]', /fail\.0: succeed, policy/],
  ['nothing=1', /there is no knob "nothing": there are submit/],
  ['toString=1', /there is no knob "toString"/],
  ['callback', /there is no knob "callback"/],
])('%s is refused in words', (text, words) => {
  expect(() => readKnob(text)).toThrow(words);
});

test('what is sent is looked at whole, and every knob can be sent as it usually is', () => {
  expect(readKnobs(usual)).toEqual(usual);
  expect(() => readKnobs({ runMs: 5, runsMs: 5 })).toThrow('there is no knob "runsMs"');
  expect(() => readKnobs([])).toThrow('give knobs as a JSON object');
  expect(() => readKnobs(undefined)).toThrow('give knobs as a JSON object');
});
