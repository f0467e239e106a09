/** What the booth and the server tell each other (apps/server/api/values_takes.h, values_booth.h). A "frame" of sound is one sample of every channel on the clock of the page's AudioContext. */

export interface BoothTake {
  item: string;
  media: string;
  name: string;
  at_samples: number;
  duration_s: number;
  stars: number;
  nudge_ms: number;
  fit: number;
  worst_ms: number;
  chosen: boolean;
  notes: string;
}

export type TakeFor = 'adr' | 'foley';

export interface BoothCue {
  id: string;
  for: TakeFor;
  number: string;
  character: string;
  text: string;
  alternate_text: string;
  notes: string;
  in_samples: number;
  out_samples: number;
  on_screen: boolean;
  status: 'open' | 'recorded' | 'done' | 'omitted';
  pass: 'feet' | 'moves' | 'specifics';
  takes: BoothTake[];
}

export interface BoothView {
  film: string;
  title: string;
  revision: number;
  rate_hz: number;
  frame_rate: string;
  drop_frame: boolean;
  start_frame: number;
  length_samples: number;
  picture: boolean;
  cues: BoothCue[];
}

export interface TakeStart {
  for: TakeFor;
  cue: string;
  pass: 'feet' | 'moves' | 'specifics';
  format: 'f32' | 's24';
  rate_hz: number;
  channels: number;
  first_frame: number;
  anchor_frame: number;
  anchor_samples: number;
  latency_ms: number;
  latency_spread_ms: number;
  calibrated: boolean;
  beep_hz: number;
  beep_ms: number;
  beep_frames: number[];
  input: string;
  output: string;
  performer: string;
  notes: string;
}

export interface TakeOffset {
  id: string;
  offset_bytes: number;
  finished: boolean;
}

export interface TakeCheck {
  name: string;
  ok: boolean;
  text: string;
}

export interface TakeResult {
  media: string;
  item: string;
  name: string;
  fingerprint: string;
  revision: number;
  frames: number;
  at_samples: number;
  beep_error_ms?: number;
  guide_error_ms?: number;
  fit: number;
  suspect: boolean;
  checks: TakeCheck[];
}

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
