import type { FilmStore } from '$lib/store';
import { followFilm } from './follow.svelte.ts';
import { LivePlayer } from './live_player.ts';

export * from './types.ts';
export { LivePlayer } from './live_player.ts';
export { lockPicture, RateServo, type PictureClock } from './picture.ts';

/** The player of a film that has just been opened. Sound begins to be fetched with the first play. */
export function makePlayer(film: FilmStore): LivePlayer {
  const player = new LivePlayer(film, film.frame_rate);
  player.whenClosed(followFilm(film, player));
  return player;
}
