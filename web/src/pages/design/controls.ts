/** How the numbers of the engine's tables are shown. Pure. */
import type { Control } from '$lib/api';
import type { Curve } from '../parts/scale.ts';

const kUnits: Record<string, string> = { hz: 'Hz', db: 'dB', dbfs: 'dBFS', ms: 'ms', s: 's', semitones: 'st', lu: 'LU' };

/** The unit is the last word of the key, where it is one. */
export function unitOf(key: string): string {
  return kUnits[key.split('_').at(-1) ?? ''] ?? '';
}

/** Frequencies, qualities and factors are heard as ratios. */
export function controlCurve(c: Pick<Control, 'key' | 'least'>): Curve {
  return c.least > 0 && (/_hz$/.test(c.key) || c.key === 'q' || c.key === 'factor') ? 'log' : 'linear';
}

export function controlStep(c: Pick<Control, 'key' | 'least' | 'most'>): number {
  if (c.key === 'seed') return 1;
  const range = c.most - c.least;
  return range > 1000 ? 1 : range > 20 ? 0.5 : range > 4 ? 0.05 : 0.01;
}
