import type { MixCheck } from '$lib/api';

/** A level as a number: silence, which JSON cannot write, comes as null. */
export const level = (value: number | null): number => value ?? -120;

/** The value of a step; silence before the beginning and after the end. */
export function figureAt(values: ReadonlyArray<number | null>, step: number): number | null {
  return values[step] ?? null;
}

/** How a figure stands against the delivery's specification, as the server judged it; without a look and a limit where it is not asked for. */
export function verdict(checks: readonly MixCheck[], judged: MixCheck['judged']): { looks: '' | 'good' | 'bad'; limit: string } {
  const check = checks.find((one) => one.judged === judged);
  return check ? { looks: check.pass ? 'good' : 'bad', limit: check.limit } : { looks: '', limit: '' };
}
