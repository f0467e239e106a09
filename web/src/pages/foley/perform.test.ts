import { describe, expect, it } from 'vitest';
import type { FoleyCue } from '$schema/types';
import { nextId, setOf, sheet, snapped, spread, tapped } from './perform.ts';

describe('taps', () => {
  const t = { lag_ms: 50, shortest_ms: 80, rate_hz: 48000, length_samples: 480000 };
  it('lose their lag and their doubles, and stay within the film', () => {
    expect(tapped([48000, 49000, 60000, 100, 500000], t)).toEqual([45600, 57600]);
  });
  it('go to the nearest mark within reach, one tap a mark', () => {
    expect(snapped([100, 130, 900], [120, 500], 50)).toEqual([
      { at: 100, from: 100, snapped: false },
      { at: 120, from: 130, snapped: true },
      { at: 900, from: 900, snapped: false },
    ]);
  });
});

describe('the sheet', () => {
  const cue = (c: Partial<FoleyCue>): FoleyCue =>
    ({ pass: 'feet', at_samples: 0, set: '', performance: '', character: '', surface: '', action: '', on_screen: true, status: 'open', gain_db: 0, pan: 0, decided: { by: 'person', reason: '', confidence: 1 }, ...c }) as FoleyCue;
  const cues = { b: cue({ at_samples: 20, surface: 'Gravel' }), a: cue({ at_samples: 20 }), m: cue({ pass: 'moves', at_samples: 5, character: 'ANNA' }) };
  it('is in order of time, by pass and by words', () => {
    expect(sheet(cues, 'all').map((r) => r.id)).toEqual(['m', 'a', 'b']);
    expect(sheet(cues, 'feet').map((r) => r.id)).toEqual(['a', 'b']);
    expect(sheet(cues, 'all', 'gravel open').map((r) => r.id)).toEqual(['b']);
  });
  it('gives new cues ids that nobody has', () => {
    expect(nextId({ 'feet-002': 1 }, 'feet')).toBe('feet-003');
    expect(nextId({}, 'moves')).toBe('moves-001');
  });
});

it('finds the set of a cue by id, then by surface within its pass', () => {
  const sets = { a: { surface: 'wood', pass: 'moves' as const, media: {} }, b: { surface: 'wood', pass: 'feet' as const, media: {} }, c: { surface: 'gravel', pass: 'feet' as const, media: {} } };
  expect(setOf({ sets }, { set: 'c', surface: 'wood', pass: 'feet' })).toBe('c');
  expect(setOf({ sets }, { set: '', surface: 'wood', pass: 'feet' })).toBe('b');
  expect(setOf({ sets }, { set: 'Gravel', surface: 'wood', pass: 'feet' })).toBe('c');
  expect(setOf({ sets }, { set: '', surface: 'snow', pass: 'feet' })).toBe('');
});

it('says how a performance lies', () => {
  expect(spread([-4, 2, 9])).toEqual({ count: 3, median: 4, worst: 9 });
  expect(spread([])).toEqual({ count: 0, median: 0, worst: 0 });
});
