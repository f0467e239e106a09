import type { FadeShape } from '$schema/types';

/** Gain of a fade that comes in, at `t` of its length (0 to 1); one that goes out is its mirror. */
export function fadeGain(shape: FadeShape, t: number): number {
  const at = Math.min(1, Math.max(0, t));
  switch (shape) {
    case 'linear':
      return at;
    case 'equal_power':
      return Math.sin((at * Math.PI) / 2);
    case 's_curve':
      return at * at * (3 - 2 * at);
    case 'exponential':
      return at === 0 ? 0 : 10 ** ((at - 1) * 3) * 0.999 + 0.001 * at;
  }
}
