import { expect, it } from 'vitest';
import { controlCurve, controlStep, unitOf } from './controls.ts';

it('reads units from keys', () => {
  expect(['frequency_hz', 'gain_db', 'level_dbfs', 'semitones', 'strength', 'q'].map(unitOf)).toEqual(['Hz', 'dB', 'dBFS', 'st', '', '']);
});
it('turns frequencies and factors by ratios, levels by steps', () => {
  expect(controlCurve({ key: 'frequency_hz', least: 10 })).toBe('log');
  expect(controlCurve({ key: 'factor', least: 0.125 })).toBe('log');
  expect(controlCurve({ key: 'gain_db', least: -24 })).toBe('linear');
  expect([controlStep({ key: 'seed', least: 0, most: 4e9 }), controlStep({ key: 'gain_db', least: -24, most: 24 }), controlStep({ key: 'amount', least: 0, most: 1 })]).toEqual([1, 0.5, 0.01]);
});
