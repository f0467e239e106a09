/** What the booth and the server tell each other is declared by the server (values_takes.h, values_booth.h). A "frame" of sound is one sample of every channel on the clock of the page's AudioContext. */
import type { TakeStart } from '$schema/api';

export type { BoothCue, BoothTake, BoothTakeChange, BoothView, TakeCheck, TakeFor, TakeOffset, TakeResult, TakeStart } from '$schema/api';

/** A take in the browser's own file store, from its first frame until the server has confirmed it. */
export interface StoredTake {
  id: string;
  film: string;
  /** Shown until the server has a name for it. */
  title: string;
  state: 'recording' | 'recorded';
  start: TakeStart;
  /** Of the server, once it was told. */
  server_id: string;
  frames: number;
  suspect: string[];
  stars: number;
}

export const bytesPerFrame = (start: TakeStart): number => (start.format === 'f32' ? 4 : 3) * start.channels;
