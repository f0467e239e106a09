import { describe, expect, it } from 'vitest';
import { kStill, meterAfter, meterPlace } from './meter.ts';

describe('a meter', () => {
  it('rises at once and falls by 20 dB in 1.7 s', () => {
    const up = meterAfter(kStill, -6, 0, 16);
    expect(up.bar_db).toBe(-6);
    expect(meterAfter(up, -90, 1700, 1700).bar_db).toBeCloseTo(-26, 9);
  });
  it('holds its highest level for a second and a half, then lets it go', () => {
    const up = meterAfter(kStill, -3, 0, 16);
    expect(meterAfter(up, -90, 1400, 1400).hold_db).toBe(-3);
    expect(meterAfter(up, -90, 1600, 1600).hold_db).toBeLessThan(-20);
  });
  it('remembers an over', () => {
    expect(meterAfter(meterAfter(kStill, 0.1, 0, 1), -40, 10, 10).over).toBe(true);
    expect(meterAfter(kStill, -0.1, 0, 1).over).toBe(false);
  });
  it('runs from the bottom to the top without a step', () => {
    let last = 0;
    for (let db = -60; db <= 3; db += 0.5) {
      const place = meterPlace(db);
      expect(place).toBeGreaterThanOrEqual(last);
      expect(place - last).toBeLessThan(0.03);
      last = place;
    }
    expect([meterPlace(-60), meterPlace(3)]).toEqual([0, 1]);
  });
});
