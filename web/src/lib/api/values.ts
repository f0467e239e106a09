/** What the server says and hears beside the session's own types. Fields in snake case, units in the names, as on the wire. */
import type { FilmSummary, PatchOperation, Presence } from '$schema/api';
import type { Document } from '$schema/types';

export type { FilmSummary, HistoryEntry, Me, PatchOperation, Presence } from '$schema/api';

export const kPhases = ['dialogue', 'adr', 'design', 'foley', 'music', 'mix'] as const;
export type PhaseName = (typeof kPhases)[number];

export interface OpenedFilm {
  summary: FilmSummary;
  document: Document;
  revision: number;
}

export type Patch = PatchOperation[];

export type Severity = 'note' | 'warning' | 'error';

/** What a supervising editor would send back. */
export interface Finding {
  severity: Severity;
  /** "dialogue" ... "mix", "media", "deliver". */
  phase: string;
  code: string;
  /** Path of the session item ("/dialogue/clips/c12"), or a file name. */
  item: string;
  in?: string;
  out?: string;
  in_samples?: number;
  out_samples?: number;
  message: string;
  remedy: string;
  figure?: { value: number; unit: string };
}

/** A stretch of film, in timecode and in samples. */
export interface Stretch {
  in: string;
  out: string;
  in_samples: number;
  out_samples: number;
}

export type Staleness = 'not-approved' | 'up-to-date' | 'decision-changed' | 'engine-changed';

export interface BoardPhase {
  phase: PhaseName;
  /** Decisions in its part of the session, those made by people, and things undone. */
  items: number;
  by_person: number;
  open: number;
  findings: number;
  approval: Staleness;
  approved_by: string;
  approved_at: string;
  /** Where the sound differs from what was approved. */
  stale: Stretch[];
}

export interface Board {
  revision: number;
  /** False while findings and staleness are still being worked out. */
  complete: boolean;
  phases: BoardPhase[];
  /** Worst first, then by time. */
  findings: Finding[];
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
export type JobKind = 'build' | 'spot' | 'render';

export interface JobOutcome {
  revision: number;
  accepted: number;
  findings: number;
  passed: boolean;
  outputs: string[];
  integrated_lufs?: number | null;
  true_peak_dbtp?: number | null;
}

/** Long work on a film: one runs, others wait. */
export interface Job {
  id: string;
  kind: JobKind;
  phase: string;
  sound: string;
  who: string;
  state: JobState;
  /** What it is doing. */
  stage: string;
  /** Share of this stage that is done, 0 to 1. */
  share: number;
  /** Seconds this stage will go on, as far as can be told; 0: it cannot. */
  left_s: number;
  queued_at: string;
  ended_at: string;
  problem: string;
  remedy: string;
  outcome?: JobOutcome | null;
}

/** A file below out/. */
export interface Output {
  path: string;
  type: string;
  modified_at: string;
  bytes: number;
}

export interface PictureInfo {
  /** The cut picture; empty for a film without one. */
  media: string;
  frame_rate: string;
  count: number;
  start_frame: number;
  duration_s: number;
  width: number;
  height: number;
  variable_rate: boolean;
  proxy_ready: boolean;
  proxy_share: number;
  proxy_problem: string;
}

/** A part of the film that can be heard by itself. */
export interface SoundInfo {
  /** "mix", "me", "stem:dialogue", "bus:dialogue", "track:ID". */
  name: string;
  title: string;
  phase: string;
  kind: 'mix' | 'stem' | 'bus' | 'track';
  channels: number;
  chunks: number;
  /** Of tracks: where there is sound; pairs of samples, as the server writes ranges. */
  heard: unknown[];
}
export interface SoundList {
  revision: number;
  chunk_samples: number;
  sounds: SoundInfo[];
}

/** RFC 9457. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  remedy?: string;
  code: string;
  collided?: string[];
}

export type FromServer =
  | { type: 'hello'; revision: number; you: string; present: Presence[] }
  | { type: 'edit'; revision: number; base_revision: number; author: string; reason: string; time: string; id?: string; kind: 'edit' | 'undo' | 'redo'; patch: Patch }
  | { type: 'edited'; id: string; revision: number }
  | { type: 'refused'; id: string; problem: ProblemDocument }
  | { type: 'presence'; present: Presence[] }
  | { type: 'job'; job: Job }
  | { type: 'board' }
  | { type: 'peaks'; media: string }
  | { type: 'picture'; info: PictureInfo }
  /** Too much was missed to be told: take the document anew; revision 0: ask with catch-up. */
  | { type: 'lagged'; revision: number };

export type ToServer =
  | { type: 'edit'; id: string; base_revision: number; reason: string; patch: Patch }
  | { type: 'presence'; page: string; at_samples: number; selection: string }
  | { type: 'catch-up'; revision: number };
