/** What the server says beside the document, as far as these pages show it. */
import type { Refusal, Span } from '$schema/types';

/** Written as [begin, end). */
export type Range = [number, number];

/** Something is still being made in the background. */
export interface NotYet {
  ready: false;
  share: number;
}
export const notYet = (value: unknown): value is NotYet => typeof value === 'object' && value !== null && (value as { ready?: unknown }).ready === false;

export interface Sound {
  /** "mix", "stem:dialogue", "bus:dialogue", "track:ID". */
  id: string;
  /** For people. */
  name: string;
  phase: string;
  kind: 'mix' | 'stem' | 'bus' | 'track';
  channels: number;
  heard: Range[];
}
export type SoundList = Sound[];

export interface LoudnessCurve {
  revision: number;
  current: boolean;
  step_s: number;
  momentary_lufs: Array<number | null>;
  short_term_lufs: Array<number | null>;
  integrated_lufs: Array<number | null>;
  programme_lufs: number | null;
  dialogue_lufs: number | null;
  max_momentary_lufs: number | null;
  max_short_term_lufs: number | null;
  range_lu: number;
  true_peak_dbtp: number | null;
  dialogue_share: number;
  specification: string;
  target_lufs: number;
  tolerance_lu: number;
  ceiling_dbtp: number;
  dialogue_gated: boolean;
  passed: boolean;
  speech: Range[];
}

export interface SyncPoint {
  film_samples: number;
  source_s: number;
  drift_ms: number;
}
export interface SyncMeasured {
  against: string;
  offset_s: number;
  offset_interval_ms: number;
  residual_rms_ms: number;
  confidence: number;
  score: number;
  shared: number;
  windows_used: number;
  windows_tried: number;
  inverted: boolean;
  runner_up_offset_s?: number;
  runner_up_score?: number;
  reason: string;
}
export interface SyncPlacement {
  id: string;
  media: string;
  name: string;
  device: string;
  scene: string;
  take: string;
  method: string;
  runner_up: string;
  reason: string;
  film: Span;
  offset_s: number;
  drift_ppm: number;
  drift_interval_ppm: number;
  confidence: number;
  score: number;
  by_person: boolean;
  line: SyncPoint[];
  measured: SyncMeasured[];
}
export interface SyncView {
  revision: number;
  placements: SyncPlacement[];
  refusals: Refusal[];
}

export interface LibraryItem {
  media: string;
  name: string;
  path: string;
  category: string;
  notes: string;
  licence: string;
  kind: string;
  duration_s: number;
  channels: number;
  rate_hz: number;
}
export interface LibraryPage {
  total: number;
  items: LibraryItem[];
}

export interface ProposalItem {
  path: string;
  reason: string;
  confidence: number;
  accepted: boolean;
}
export interface Proposals {
  revision: number;
  phase: string;
  items: ProposalItem[];
  /** JSON Patch as a text. */
  patch: string;
}
