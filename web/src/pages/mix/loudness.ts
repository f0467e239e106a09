import type { LoudnessCurve } from '$lib/api';

/** A level as a number: silence, which JSON cannot write, comes as null. */
export const level = (value: number | null): number => value ?? -120;

/** The value of a step; silence before the beginning and after the end. */
export function figureAt(values: ReadonlyArray<number | null>, step: number): number | null {
  return values[step] ?? null;
}

/** Whether the dialogue-gated figure is judged, and how. */
export function dialogueVerdict(curve: Pick<LoudnessCurve, 'dialogue_gated' | 'dialogue_lufs' | 'target_lufs' | 'tolerance_lu'>): '' | 'good' | 'bad' {
  if (!curve.dialogue_gated || curve.dialogue_lufs === null) return '';
  return Math.abs(curve.dialogue_lufs - level(curve.target_lufs)) <= curve.tolerance_lu + 0.005 ? 'good' : 'bad';
}
