import { expect, it } from 'vitest';
import { warpBars } from './fit.ts';

it('draws a map as bars with the stretch between them', () => {
  const bars = warpBars({ take_s: [0, 1, 2], line_s: [0.5, 1.5, 3.5] });
  expect(bars.map((b) => b.take)).toEqual([0, 0.5, 1]);
  expect(bars.map((b) => Number(b.line.toFixed(4)))).toEqual([0, 0.3333, 1]);
  expect(bars[0]?.stretch).toBeCloseTo(1, 9);
  expect(bars[1]?.stretch).toBeCloseTo(2, 9);
});

it('thins dense maps and keeps both ends', () => {
  const dense = Array.from({ length: 1001 }, (_, i) => i / 100);
  const bars = warpBars({ take_s: dense, line_s: dense });
  expect(bars.length).toBeLessThan(64);
  expect(bars[0]?.take).toBe(0);
  expect(bars.at(-1)?.take).toBe(1);
});
