import { describe, expect, it } from 'vitest';
import { limitsOf } from './limits.ts';
import { dbText, faderDb, faderPlace, hzText, panText, placeOnScale, toStep, valueOnScale } from './scale.ts';

describe('limits', () => {
  it('are those that the engine declares', () => {
    expect(limitsOf('CompressorSettings', 'threshold_dbfs')).toMatchObject({ least: -80, most: 0 });
    expect(limitsOf('Strip', 'gain_db')).toMatchObject({ least: -96, most: 24 });
  });
  it('refuse a field that is not there', () => {
    expect(() => limitsOf('Strip', 'loudness')).toThrow('Strip.loudness');
  });
});

describe('scales', () => {
  it('go there and back', () => {
    for (const scale of [{ least: -24, most: 24, curve: 'linear' as const }, { least: 20, most: 20000, curve: 'log' as const }])
      for (const p of [0, 0.3, 1]) expect(placeOnScale(scale, valueOnScale(scale, p))).toBeCloseTo(p, 9);
    expect(valueOnScale({ least: 20, most: 20000, curve: 'log' }, 0.5)).toBeCloseTo(632.46, 1);
    expect(valueOnScale({ least: 0, most: 500, curve: 'log' }, 0)).toBe(0);
  });
  it('round without dust', () => {
    expect(toStep(0.1 + 0.2, 0.1)).toBe(0.3);
    expect(toStep(-12.26, 0.5)).toBe(-12.5);
  });
  it('put unity gain at three quarters of a fader and go there and back', () => {
    expect(faderPlace(0)).toBe(0.76);
    for (const db of [-96, -47.3, -20, -3.2, 0, 4.1, 12]) expect(faderDb(faderPlace(db))).toBeCloseTo(db, 1);
  });
  it('write levels, frequencies and places as people do', () => {
    expect([dbText(-3.04), dbText(0.04), dbText(2), dbText(null), dbText(-96)]).toEqual(['−3.0', '0.0', '+2.0', '−∞', '−∞']);
    expect([hzText(80), hzText(1254), hzText(16000)]).toEqual(['80 Hz', '1.25 kHz', '16 kHz']);
    expect([panText(0), panText(-0.3), panText(1)]).toEqual(['C', 'L30', 'R100']);
  });
});
