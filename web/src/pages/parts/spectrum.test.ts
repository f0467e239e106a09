import { describe, expect, it } from 'vitest';
import { fft, paint, residue, rmsDb, spectrogram } from './spectrum.ts';

const sine = (hz: number, level: number, n = 48000): Float32Array => Float32Array.from({ length: n }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / 48000));

describe('the transform', () => {
  it('agrees with the sum written out', () => {
    const n = 16;
    const x = Array.from({ length: n }, (_, i) => Math.sin(i * i) + 0.3 * i);
    const re = Float32Array.from(x);
    const im = new Float32Array(n);
    fft(re, im);
    for (let k = 0; k < n; k++) {
      const r = x.reduce((sum, v, i) => sum + v * Math.cos((2 * Math.PI * k * i) / n), 0);
      const q = x.reduce((sum, v, i) => sum - v * Math.sin((2 * Math.PI * k * i) / n), 0);
      expect(re[k]).toBeCloseTo(r, 4);
      expect(im[k]).toBeCloseTo(q, 4);
    }
  });
});

describe('a spectrogram', () => {
  const shape = { width: 10, height: 60, rate_hz: 48000, low_hz: 60, high_hz: 20000 };
  it('shows a sine at its frequency with its level', () => {
    const levels = spectrogram(sine(1000, 0.1), shape);
    const column = Array.from(levels.slice(5 * 60, 6 * 60));
    const top = Math.max(...column);
    expect(top).toBeGreaterThan(-21.5);
    expect(top).toBeLessThan(-19.9);
    const row = column.indexOf(top);
    expect(60 * (20000 / 60) ** ((row + 0.5) / 60)).toBeGreaterThan(850);
    expect(60 * (20000 / 60) ** ((row + 0.5) / 60)).toBeLessThan(1150);
    expect(column[50]).toBeLessThan(-90);
  });
  it('paints silence black and louder lighter', () => {
    const pixels = paint(Float32Array.from([-120, -60, -20]), 1, 3, -100, -20);
    const light = [2, 1, 0].map((y) => (pixels[y * 4] ?? 0) + (pixels[y * 4 + 1] ?? 0) + (pixels[y * 4 + 2] ?? 0));
    expect(light[0]).toBe(0);
    expect(light[1]).toBeGreaterThan(60);
    expect(light[2]).toBeGreaterThan(light[1] ?? 0);
  });
});

it('the residue is what was taken away', () => {
  expect(Array.from(residue(Float32Array.from([1, 0.5, 0.25]), Float32Array.from([0.5, 0.5])))).toEqual([0.5, 0]);
  expect(rmsDb(sine(1000, 1))).toBeCloseTo(-3.01, 2);
});
