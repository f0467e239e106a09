import { describe, expect, it } from 'vitest';
import type { MixCheck } from '$lib/api';
import { figureAt, verdict } from './loudness.ts';

const checks: MixCheck[] = [
  { judged: 'dialogue', name: 'Dialogue loudness', limit: '-27.0 ± 2.0 LUFS', figure: -26.1, unit: 'LUFS', pass: true },
  { judged: 'true-peak', name: 'True peak', limit: 'at most -2.0 dBTP', figure: -1.2, unit: 'dBTP', pass: false },
];

describe('the meters', () => {
  it('say what the server judged, and nothing of what is not asked for', () => {
    expect(verdict(checks, 'dialogue')).toEqual({ looks: 'good', limit: '-27.0 ± 2.0 LUFS' });
    expect(verdict(checks, 'true-peak').looks).toBe('bad');
    expect(verdict(checks, 'programme')).toEqual({ looks: '', limit: '' });
  });
  it('are silent before the film and behind it', () => {
    expect(figureAt([-20, null], 0)).toBe(-20);
    expect(figureAt([-20, null], 1)).toBeNull();
    expect(figureAt([-20, null], 7)).toBeNull();
  });
});
