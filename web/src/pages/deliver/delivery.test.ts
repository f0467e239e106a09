import { describe, expect, it } from 'vitest';
import type { LoudnessCurve, SpecificationInfo } from '$lib/api';
import { figuresOf, kindOf } from './delivery.ts';

const r128: SpecificationInfo = { id: 'ebu-r128', name: 'EBU R 128', source: 'EBU', standing: 'seen', target_lufs: -23, tolerance_lu: 0.2, ceiling_dbtp: -1, dialogue_gated: false, greatest_range_lu: 20 };
const film = (f: Partial<LoudnessCurve>): LoudnessCurve => ({ programme_lufs: -23.1, dialogue_lufs: -24, true_peak_dbtp: -1.2, range_lu: 9, dialogue_share: 0.5, max_short_term_lufs: -15, max_momentary_lufs: -12, ...f }) as LoudnessCurve;

describe('checks', () => {
  it('compare the programme with the target, its tolerance and the ceiling', () => {
    expect(figuresOf(r128, {}, film({})).map((c) => [c.name, c.pass])).toEqual([['integrated', true], ['true_peak', true], ['range', true]]);
    expect(figuresOf(r128, {}, film({ programme_lufs: -22.7, true_peak_dbtp: -0.9 })).map((c) => c.pass)).toEqual([false, false, true]);
  });
  it('take what a person overrides', () => {
    expect(figuresOf(r128, { target_lufs: -16, ceiling_dbtp: -3 }, film({ programme_lufs: -16 })).map((c) => c.pass)).toEqual([true, false, true]);
  });
  it('compare the dialogue where the specification asks for it and there is enough', () => {
    const gated = { ...r128, dialogue_gated: true, target_lufs: -27, tolerance_lu: 2, little_dialogue_lufs: -24 };
    expect(figuresOf(gated, {}, film({ dialogue_lufs: -26 }))[0]).toMatchObject({ name: 'dialogue', figure: -26, pass: true });
    expect(figuresOf(gated, {}, film({ dialogue_share: 0.05 }))[0]).toMatchObject({ name: 'integrated', least: -26, most: -22, pass: true });
  });
  it('do not pass what was not measured', () => {
    expect(figuresOf(r128, {}, film({ true_peak_dbtp: null }))[1]?.pass).toBe(false);
  });
});

it('names files by what they are', () => {
  expect(['film.mp4', 'mix.wav', 'stems/dialogue.wav', 'm_and_e.wav', 'sheets/adr.csv', 'report.html', 'x.bin'].map(kindOf)).toEqual(['film', 'mix', 'stem', 'me', 'sheet', 'report', 'other']);
});
