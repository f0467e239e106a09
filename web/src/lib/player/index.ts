import type { FilmStore } from '$lib/store';
import { SilentPlayer } from './silent.ts';
import type { Player } from './types.ts';

export * from './types.ts';

/** The player of a film that has just been opened. */
export function makePlayer(film: FilmStore): Player {
  return new SilentPlayer(film.length, film.rate_hz, film.frame_rate);
}
