import type { Part, TrackChunk } from './engine.ts';

/** A stretch that is played again and again, or once. */
export interface LoopRange {
  in_samples: number;
  out_samples: number;
  again: boolean;
}

/** A chunk of one of the server's sounds. */
export interface SoundChunk {
  readonly sound: string;
  readonly chunk: number;
}

export type ToWorklet =
  | { type: 'mix'; json: string | null }
  | { type: 'play'; at: number; speed: number; source: string; exact: boolean; anchor: number; length: number }
  | { type: 'stop'; anchor: number }
  | { type: 'loop'; range: LoopRange | null }
  | { type: 'track-chunk'; chunk: TrackChunk; samples: Float32Array<ArrayBuffer> | null; mix: number }
  | { type: 'sound-chunk'; chunk: SoundChunk; channels: number; samples: Float32Array<ArrayBuffer> | null }
  | { type: 'forget'; track: number }
  | { type: 'forget-sounds' }
  | { type: 'set'; part: Part; id: string; value: string }
  | { type: 'monitor'; gain: number };

/** Film time of a frame of the context, and how it goes on from there. */
export interface Anchor {
  /** Of the play or stop that it follows from. */
  anchor: number;
  frame: number;
  at: number;
  /** 0 while it stands or waits for sound. */
  speed: number;
  waiting: boolean;
  exact: boolean;
}

export type FromWorklet =
  | { type: 'wanted'; chunks: (TrackChunk & { mix: number })[] }
  | { type: 'wanted-sounds'; chunks: SoundChunk[] }
  | ({ type: 'anchor' } & Anchor)
  | { type: 'loudness'; loudness: Uint8Array<ArrayBuffer> }
  | { type: 'ended'; at: number }
  | { type: 'levels'; levels: Float32Array<ArrayBuffer>; loudness: Uint8Array<ArrayBuffer>; mix: number; exact: boolean; load: number; late: number }
  | { type: 'failed'; message: string };
