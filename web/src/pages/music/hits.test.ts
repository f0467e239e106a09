import { describe, expect, it } from 'vitest';
import { findTempo, hitsOf, landings, tempoOf, type HitPoint } from './hits.ts';

const rate = 48000;
const frame = rate / 25;
const at = (seconds: number, weight = 1): HitPoint => ({ at_samples: Math.round(seconds * rate), name: '', weight });

describe('landings', () => {
  it('name the nearest beat and how far it lies from the hit', () => {
    const [first, second] = landings({ bpm: 120, start_samples: 0 }, { a: at(1.02), b: at(2.74) }, rate);
    expect(first).toMatchObject({ beat: 3, off_samples: -960 });
    expect(second?.beat).toBe(6);
    expect(landings({ bpm: 120, start_samples: 0 }, { b: at(2.74) }, rate, 2)[0]).toMatchObject({ beat: 6.5, off_samples: 480 });
  });
});

describe('the tempo search', () => {
  const search = { low_bpm: 60, high_bpm: 180, step_bpm: 0.1, tolerance_samples: frame, grid: 1 };
  it('finds the tempo on whose beats the hits were laid', () => {
    const beat = 60 / 93.4;
    const hits = Object.fromEntries([5, 12, 17, 31, 44].map((n) => [`h${n}`, at(n * beat)]));
    const [best] = findTempo(hits, 0, rate, search);
    expect(best?.bpm).toBeCloseTo(93.4, 6);
    expect(best).toMatchObject({ hit: 5, missed: 0 });
    expect(best?.worst_samples).toBeLessThan(2);
  });
  it('moves the first beat by no more than the tolerance', () => {
    const hits = { a: at(0.02), b: at(0.52), c: at(1.02), d: at(10.02) };
    const [best] = findTempo(hits, 0, rate, { ...search, low_bpm: 119, high_bpm: 121 });
    expect(best?.start_samples).toBe(960);
    expect(best?.hit).toBe(4);
  });
  it('prefers the tempo that meets the heavier hit where they disagree equally', () => {
    const hits = { heavy: at(3.0, 5), light: at(3.25, 1) };
    const best = findTempo(hits, 0, rate, { ...search, low_bpm: 100, high_bpm: 110 })[0];
    const heavy = landings({ bpm: best?.bpm ?? 0, start_samples: best?.start_samples ?? 0 }, { heavy: hits.heavy }, rate)[0];
    expect(Math.abs(heavy?.off_samples ?? 1e9)).toBeLessThanOrEqual(frame);
  });
  it('has nothing to say without hits', () => {
    expect(findTempo({}, 0, rate, search)).toEqual([]);
  });
});

describe('what a cue keeps', () => {
  it('survives foreign shapes', () => {
    expect(hitsOf({ twopop: { hits: { a: { at_samples: 5 }, b: 'x', c: null } } })).toEqual({ a: { at_samples: 5, name: '', weight: 1 } });
    expect(hitsOf(undefined)).toEqual({});
    expect(tempoOf({ twopop: { tempo: { bpm: 90, start_samples: 4 } } })).toEqual({ bpm: 90, start_samples: 4 });
    expect(tempoOf({ other: 1 })).toBeUndefined();
  });
});
