import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  estimateSeconds,
  narrowed,
  quantile,
  serviceLeft,
  stretchOf,
} from '../../src/generations/estimate/eta-rules.ts';
import type { Pace, Place, Run } from '../../src/generations/estimate/eta-rules.ts';
import { generationStatuses, isFinal } from '../../src/generations/rules.ts';
import { simulate } from './eta-simulation.ts';
import type { Scenario } from './eta-simulation.ts';

const run = (seconds: number, units = 5, shown: Run['shown'] = null): Run => ({
  units,
  seconds,
  shown,
  ended: true,
});
const idle = { running: 0, queued: 0, pickedUpPerSecond: 0, atOnce: 2 };
const steady: Pace = { runs: Array.from({ length: 20 }, (_, n) => run(8 + (n % 5))), provider: idle };
const front: Place = { ahead: 0, ownAhead: 0, ownRunning: 0, ownLimit: 3, modelWaiting: false };
const queued = { state: 'queued', units: 5, progress: null, runningSeconds: null } as const;

describe('an estimate', () => {
  test('is a range that lies ahead, for whatever is not final and can be known', () => {
    const place = fc.record({
      ahead: fc.nat(1_000),
      ownAhead: fc.nat(1_000),
      ownRunning: fc.nat(100),
      ownLimit: fc.integer({ min: 1, max: 100 }),
      modelWaiting: fc.constant(false),
    });
    const runs = fc.array(
      fc.record({
        units: fc.integer({ min: 1, max: 60 }),
        seconds: fc.double({ min: 0, max: 5_000, noNaN: true }),
        ended: fc.constant(true),
        shown: fc.option(
          fc.record({
            from: fc.double({ min: 0, max: 500, noNaN: true }),
            to: fc.double({ min: 500, max: 5_000, noNaN: true }),
            stretch: fc.double({ min: 0, max: 3, noNaN: true }),
            took: fc.double({ min: 0, max: 9_000, noNaN: true }),
          }),
        ),
      }),
      { minLength: 3, maxLength: 60 },
    );
    const provider = fc.record({
      running: fc.nat(500),
      queued: fc.nat(1_000),
      pickedUpPerSecond: fc.double({ min: 0, max: 50, noNaN: true }),
      atOnce: fc.option(fc.integer({ min: 1, max: 16 })),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...generationStatuses),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.nat(5_000),
        place,
        fc.record({ runs, provider }),
        fc.array(fc.double({ min: 0, max: 9_000, noNaN: true }), { maxLength: 20 }),
        (state, progress, elapsed, where, known, soFar) => {
          const pace = {
            ...known,
            runs: [...known.runs, ...soFar.map((s) => ({ ...run(s), ended: false }))],
          };
          const range = estimateSeconds(
            {
              state,
              units: 5,
              progress,
              runningSeconds: state === 'queued' ? null : elapsed,
              place: state === 'queued' ? where : null,
            },
            pace,
          );
          expect(range === null).toBe(isFinal(state) || state === 'outcome_unknown');
          if (range === null) return;
          expect(range.from).toBeGreaterThanOrEqual(0);
          expect(range.to).toBeGreaterThan(range.from);
          expect(Number.isFinite(range.to)).toBe(true);
        },
      ),
    );
  });

  test('nothing is guessed where nothing is known', () => {
    const unknown = { ...steady, runs: steady.runs.slice(0, 2) };
    expect(estimateSeconds({ ...queued, place: front }, unknown)).toBeNull();
    expect(estimateSeconds({ ...queued, state: 'running', place: null }, unknown)).toBeNull();
  });

  test('nothing is promised while the model waits for its operator, nor before the place in a queue is known', () => {
    expect(estimateSeconds({ ...queued, place: { ...front, modelWaiting: true } }, steady)).toBeNull();
    const busy = { ...steady, provider: { ...idle, queued: 3 } };
    expect(estimateSeconds({ ...queued, place: null }, busy)).toBeNull();
    expect(estimateSeconds({ ...queued, place: null }, steady)).not.toBeNull();
  });

  test('grows with the queue before it, and with what is the person’s own beyond their limit', () => {
    const busy = { ...steady, provider: { running: 2, queued: 50, pickedUpPerSecond: 0, atOnce: 2 } };
    const to = (place: Place) => estimateSeconds({ ...queued, place }, busy)?.to ?? 0;
    expect(to({ ...front, ahead: 20 })).toBeGreaterThan(to({ ...front, ahead: 2 }) * 3);
    const remote = { ...steady, provider: { running: 40, queued: 90, pickedUpPerSecond: 4, atOnce: null } };
    const own = estimateSeconds({ ...queued, place: { ...front, ownAhead: 29, ownRunning: 3 } }, remote);
    const other = estimateSeconds({ ...queued, place: { ...front, ahead: 29 } }, remote);
    expect(own?.from).toBeGreaterThan((other?.to ?? 0) * 1.5);
  });

  test('of what takes as long whatever it makes doesn’t grow with the length; of what is drawn frame by frame it does', () => {
    const remote = Array.from({ length: 30 }, (_, n) => run(100 + (n % 7), 4 + (n % 5)));
    const local = Array.from({ length: 30 }, (_, n) => run(2 * (4 + (n % 5)), 4 + (n % 5)));
    expect(serviceLeft(remote, 30, 0).to).toBeLessThan(260);
    expect(serviceLeft(local, 30, 0).from).toBeGreaterThan(40);
    expect(serviceLeft(local, 30, 0).to).toBeLessThan(95);
  });

  test('what is under way and takes long is known before it ends', () => {
    const late = Array.from({ length: 8 }, () => ({ ...run(60), ended: false }));
    expect(serviceLeft(steady.runs, 5, 0).to).toBeLessThan(25);
    expect(serviceLeft([...steady.runs, ...late], 5, 0).to).toBeGreaterThan(60);
    const young = Array.from({ length: 8 }, () => ({ ...run(1), ended: false }));
    expect(serviceLeft([...steady.runs, ...young], 5, 0).to).toBeLessThan(25);
  });

  test('a later range lies within the first as long as that may hold', () => {
    expect(narrowed({ from: 2, to: 90 }, { from: 5, to: 40 })).toEqual({ from: 5, to: 40 });
    expect(narrowed({ from: 10, to: 20 }, { from: 5, to: 40 })).toEqual({ from: 10, to: 20 });
    expect(narrowed({ from: 50, to: 90 }, { from: 5, to: 40 })).toEqual({ from: 50, to: 90 });
    expect(narrowed({ from: 0, to: 30 }, { from: -60, to: -3 })).toEqual({ from: 0, to: 30 });
  });

  test('few runs are believed less than many', () => {
    const width = (runs: readonly Run[]) => {
      const { from, to } = serviceLeft(runs, 5, 0);
      return to - from;
    };
    expect(width(steady.runs.slice(0, 5))).toBeGreaterThan(width(steady.runs));
  });
});

describe('learning from what was shown', () => {
  const shown = (took: number, stretch = 0) => run(10, 5, { from: 9, to: 19, stretch, took });

  test('ranges that held are left as they are', () => {
    expect(stretchOf([9, 12, 15, 18, 19, 11].map((took) => shown(took)))).toBe(0);
  });

  test('ranges that missed are widened by as much as they missed', () => {
    const stretch = stretchOf(Array.from({ length: 20 }, () => shown(39)));
    expect(stretch).toBeCloseTo(Math.log(2));
  });

  test('what had been widened before doesn’t make it forget, nor grow for ever', () => {
    const widened = Array.from({ length: 20 }, () =>
      run(10, 5, { from: 4, to: 39, stretch: Math.log(2), took: 39 }),
    );
    expect(stretchOf(widened)).toBeCloseTo(Math.log(2));
  });

  test('what is late already counts as missed by as much as it is late, and what isn’t yet says nothing', () => {
    const late = Array.from({ length: 5 }, () => ({ ...shown(99), ended: false }));
    const onTime = Array.from({ length: 50 }, () => ({ ...shown(1), ended: false }));
    expect(stretchOf(onTime)).toBe(0);
    expect(stretchOf([...late, ...onTime])).toBeCloseTo(Math.log(5));
  });

  test('a quantile', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([1, 2, 3, 4, 5], share))).toEqual([1, 2, 3, 5]);
  });
});

describe('in a simulated storm', () => {
  const base: Omit<Scenario, 'seed'> = {
    generations: 600,
    people: 25,
    atOnce: null,
    ownLimit: 3,
    everySeconds: 2,
    seconds: () => 60,
    noise: 0.4,
    failing: 0.05,
  };
  const scenarios: Record<string, Omit<Scenario, 'seed'>> = {
    'a paid provider, calm': { ...base, everySeconds: 10 },
    'a paid provider, busy, one person greedy': { ...base, greedy: 0.4 },
    'a paid provider that often fails': { ...base, failing: 0.3, noise: 0.6 },
    'a paid provider that becomes twice as slow': { ...base, slowdown: 2 },
    'a renderer with two places, overloaded': {
      ...base,
      atOnce: 2,
      everySeconds: 3,
      seconds: (units) => units,
      noise: 0.2,
    },
    'a renderer with two places, in bursts': {
      ...base,
      atOnce: 2,
      everySeconds: 3.8,
      seconds: (units) => units,
      noise: 0.5,
      greedy: 0.5,
    },
    'a paid provider in trouble: one in four takes six times as long': {
      ...base,
      generations: 400,
      everySeconds: 0.5,
      seconds: () => 8,
      noise: 0.15,
      ownLimit: 20,
      trouble: { often: 0.25, seconds: 42 },
    },
    'a paid provider that goes dry again and again': {
      ...base,
      generations: 400,
      everySeconds: 0.6,
      seconds: () => 8,
      noise: 0.15,
      ownLimit: 20,
      outage: { everySeconds: 50, seconds: 25 },
    },
    'thousands in a minute': { ...base, everySeconds: 0.05, seconds: () => 3, noise: 0.8, people: 200 },
  };

  test.each(Object.entries(scenarios))(
    '%s: at least 80 in 100 hold, and later ranges are narrower',
    (_, of) => {
      for (const seed of [1, 2, 3]) {
        const outcome = simulate({ ...of, seed });
        expect(outcome.shown).toBeGreaterThan(of.generations * (of.outage === undefined ? 0.7 : 0.4));
        expect(outcome.held / outcome.shown).toBeGreaterThanOrEqual(0.8);
        expect(outcome.widthLater).toBeLessThan(outcome.widthAtFirst);
      }
    },
  );
});
