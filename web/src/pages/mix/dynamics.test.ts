import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Engine } from '$lib/live/engine';
import type { CompressorSettings, ExpanderSettings } from '$schema/types';
import { closingDb, levelPath } from './dynamics.ts';

const engine = new Engine(new WebAssembly.Module(readFileSync(new URL('../../../../build/web-wasm/live.wasm', import.meta.url))));
const compressedDb = (settings: CompressorSettings, level: number): number => engine.compressorCurve(settings, [level])[0] ?? NaN;
const expandedDb = (settings: ExpanderSettings, level: number): number => engine.expanderCurve(settings, [level])[0] ?? NaN;
const compressor: CompressorSettings = { on: true, threshold_dbfs: -20, ratio: 4, knee_db: 0, attack_ms: 10, release_ms: 150, make_up_db: 3, reason: '' };
const expander: ExpanderSettings = { on: true, threshold_dbfs: -50, ratio: 2, range_db: 12, attack_ms: 5, hold_ms: 150, release_ms: 250, look_ahead_ms: 10, hysteresis_db: 4 };

describe('the compressor curve', () => {
  it('is straight below the threshold and rises a quarter as fast above a ratio of four, make-up added', () => {
    expect(compressedDb(compressor, -40)).toBeCloseTo(-37, 9);
    expect(compressedDb(compressor, -20)).toBeCloseTo(-17, 9);
    expect(compressedDb(compressor, -12)).toBeCloseTo(-15, 12);
  });
  it('bends over the knee without a corner', () => {
    const soft = { ...compressor, knee_db: 10, make_up_db: 0 };
    const slope = (at: number) => (compressedDb(soft, at + 1e-4) - compressedDb(soft, at - 1e-4)) / 2e-4;
    expect(slope(-25)).toBeCloseTo(1, 3);
    expect(slope(-20)).toBeCloseTo(1 - 0.75 / 2, 3);
    expect(slope(-15)).toBeCloseTo(0.25, 3);
  });
});

describe('the expander curve', () => {
  it('leaves what is above the threshold and never takes more than its range', () => {
    expect(expandedDb(expander, -30)).toBe(-30);
    expect(expandedDb({ ...expander, ratio: 4 }, -53)).toBe(-62);
    expect(expandedDb(expander, -55)).toBe(-60);
    expect(expandedDb(expander, -80)).toBe(-92);
    expect(closingDb(expander)).toBe(-54);
  });
  it('draws from the lower left to the upper right', () => {
    const path = levelPath({ size: 100, lowDb: -100, highDb: 0 }, (levels) => levels);
    expect(path.startsWith('M0 100.00')).toBe(true);
    expect(path.endsWith('L100 0.00')).toBe(true);
  });
});
