import type { FilmStore } from '$lib/store';
import { LivePlayer } from './live_player.ts';

export * from './types.ts';
export { LivePlayer } from './live_player.ts';
export { lockPicture, RateServo, type PictureClock } from './picture.ts';

/** The player of a film that has just been opened. Sound begins to be fetched with the first play. */
export function makePlayer(film: FilmStore): LivePlayer {
  return new LivePlayer(film, film.frame_rate);
}
