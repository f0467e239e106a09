import type { Samples, Seconds } from '$lib/time';

/** What is listened to: the live mix, or one of the server's sounds by its id ("mix", "stem:dialogue", "clip:dialogue/c12"). */
export type Listening = 'live' | (string & {});

export type PlayerState = 'idle' | 'loading' | 'playing' | 'paused' | 'failed';

export interface PlayerEvents {
  state: PlayerState;
  /** Jumps only: seek, loop, start and stop. For the running position ask `position()` once a screen refresh. */
  position: Samples;
  /** Times normal speed; negative is backwards, 0 is still. */
  shuttle: number;
  listening: Listening;
  /** Why it is silent, and what to do. */
  failed: { message: string; remedy: string };
}

/** Sound and picture of one film. Every `on` gives the function that ends it. */
export interface Player {
  readonly state: PlayerState;
  readonly listening: Listening;
  readonly speed: number;
  /** What is heard at this instant (not what has been scheduled). */
  position(): Samples;

  play(): Promise<void>;
  pause(): void;
  /** Goes to a sample; while playing, plays on from there. */
  seek(at: Samples): void;
  /** Plays only this range: over and over, or once. Null ends it. */
  loop(range: { in_samples: Samples; out_samples: Samples; again: boolean } | null): void;
  /** J-K-L: each call of `shuttle(1)` goes one step faster forwards (1, 2, 4, 8), of `shuttle(-1)` backwards, of `shuttle(0)` stops. */
  shuttle(step: -1 | 0 | 1): void;
  listen(to: Listening): void;
  /** Overall level of the monitors, not of the film. */
  monitor(level_db: number): void;

  /** Locks a picture to the sound until the returned function is called. The element's source and size are the caller's. */
  attachPicture(picture: HTMLVideoElement): () => void;
  on<Event extends keyof PlayerEvents>(event: Event, listener: (value: PlayerEvents[Event]) => void): () => void;
  close(): void;
}

/** Reads short sounds that are no part of the film (previews, takes) through the same output. */
export interface Preview {
  play(channels: readonly Float32Array[], rate_hz: number, from?: Seconds): () => void;
}
