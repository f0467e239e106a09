import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Engine } from '$lib/live/engine';
import type { EqBand } from '$schema/types';
import { curvePath, dbAt, dragged, hzAt, nudged, xOf, yOf, type Plot } from './eq.ts';

const band = (b: Partial<EqBand>): EqBand => ({ order: 0, kind: 'bell', frequency_hz: 1000, q: 1, gain_db: 0, on: true, reason: '', ...b });

/** The mixing code as the page has it. */
const engine = new Engine(new WebAssembly.Module(readFileSync(new URL('../../../../build/web-wasm/live.wasm', import.meta.url))));

/** Audio EQ Cookbook (R. Bristow-Johnson): biquads evaluated on the unit circle, written out from its formulas. */
function cookbookDb(b: EqBand, f: number, rate: number): number {
  const w0 = (2 * Math.PI * b.frequency_hz) / rate;
  const A = 10 ** (b.gain_db / 40);
  const alpha = Math.sin(w0) / (2 * b.q);
  const c = Math.cos(w0);
  const r = 2 * Math.sqrt(A) * alpha;
  const [b0, b1, b2, a0, a1, a2] = {
    low_pass: [(1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha],
    high_pass: [(1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha],
    notch: [1, -2 * c, 1, 1 + alpha, -2 * c, 1 - alpha],
    bell: [1 + alpha * A, -2 * c, 1 - alpha * A, 1 + alpha / A, -2 * c, 1 - alpha / A],
    low_shelf: [A * (A + 1 - (A - 1) * c + r), 2 * A * (A - 1 - (A + 1) * c), A * (A + 1 - (A - 1) * c - r), A + 1 + (A - 1) * c + r, -2 * (A - 1 + (A + 1) * c), A + 1 + (A - 1) * c - r],
    high_shelf: [A * (A + 1 + (A - 1) * c + r), -2 * A * (A - 1 + (A + 1) * c), A * (A + 1 + (A - 1) * c - r), A + 1 - (A - 1) * c + r, 2 * (A - 1 - (A + 1) * c), A + 1 - (A - 1) * c - r],
  }[b.kind] as [number, number, number, number, number, number];
  const w = (2 * Math.PI * f) / rate;
  const abs2 = (x: number, y: number, z: number) => (x + y * Math.cos(w) + z * Math.cos(2 * w)) ** 2 + (y * Math.sin(w) + z * Math.sin(2 * w)) ** 2;
  return 10 * Math.log10(abs2(b0, b1, b2) / abs2(a0, a1, a2));
}

describe('the equaliser curve', () => {
  it('is that of the Audio EQ Cookbook within a thousandth of a decibel, for every shape', () => {
    for (const kind of ['low_pass', 'high_pass', 'notch', 'bell', 'low_shelf', 'high_shelf'] as const)
      for (const gain of [-12, 7.5])
        for (const q of [0.5, 0.7071, 4])
          for (const f of [31, 100, 900, 1500, 8000, 18000]) {
            const b = band({ kind, gain_db: gain, q, frequency_hz: 1200 });
            expect(Math.abs((engine.eqCurve({ b }, [f], 48000)[0] ?? NaN) - cookbookDb(b, f, 48000)), `${kind} ${gain} dB q ${q} at ${f} Hz`).toBeLessThan(1e-3);
          }
  });
  it('leaves out bands that are off', () => {
    expect(engine.eqCurve({ a: band({ gain_db: 6 }), b: band({ gain_db: 9, on: false }) }, [1000], 48000)[0]).toBeCloseTo(6, 6);
  });
  it('maps places to frequencies and back', () => {
    const plot: Plot = { width: 600, height: 200, lowHz: 20, highHz: 20000, rangeDb: 18 };
    for (const hz of [20, 440, 19999]) expect(hzAt(plot, xOf(plot, hz))).toBeCloseTo(hz, 6);
    for (const db of [-18, 0, 4]) expect(dbAt(plot, yOf(plot, db))).toBeCloseTo(db, 9);
    expect(curvePath(plot, (hz) => engine.eqCurve({}, hz, 48000))).toMatch(/^M0 100\.00L2 100\.00/);
    expect(curvePath(plot, () => null)).toBe('');
  });
  it('drags a bell to where the pointer is and a high-pass along its frequency only', () => {
    const plot: Plot = { width: 600, height: 200, lowHz: 20, highHz: 20000, rangeDb: 18 };
    const bell = dragged(plot, band({}), xOf(plot, 2000), yOf(plot, -6), 48000);
    expect([bell.frequency_hz, bell.gain_db]).toEqual([2000, -6]);
    const pass = dragged(plot, band({ kind: 'high_pass', frequency_hz: 80 }), xOf(plot, 120), 0, 48000);
    expect([pass.frequency_hz, pass.gain_db]).toEqual([120, 0]);
    expect(dragged(plot, band({}), 900, -900, 48000)).toMatchObject({ frequency_hz: 20000, gain_db: 24 });
  });
  it('moves by keys: a semitone, half a decibel, a tenth of the quality', () => {
    expect(nudged(band({ frequency_hz: 440 }), 'ArrowRight', false, 48000)?.frequency_hz).toBeCloseTo(466.2, 1);
    expect(nudged(band({}), 'ArrowDown', false, 48000)?.gain_db).toBe(-0.5);
    expect(nudged(band({ kind: 'high_pass' }), 'ArrowDown', false, 48000)).toBeUndefined();
    expect(nudged(band({ q: 1 }), 'PageUp', false, 48000)?.q).toBeCloseTo(1.1, 6);
  });
});
