/** What the server says and hears beside the session's own types. Fields in snake case, units in the names, as on the wire. */
import type { Document } from '$schema/types';

export const kPhases = ['dialogue', 'adr', 'design', 'foley', 'music', 'mix'] as const;
export type PhaseName = (typeof kPhases)[number];

export interface Me {
  name: string;
  roles: string[];
  /** "read", "edit:mix", "approve", "build", "people", "booth", "edit:media"; "*" for all. */
  rights: string[];
  csrf: string;
  /** Of an actor's link: the one film and cue it opens. */
  film?: string;
  cue?: string;
}

export interface FilmSummary {
  name: string;
  title: string;
  revision: number;
  rate_hz: number;
  frame_rate: string;
  length_samples: number;
  [more: string]: unknown;
}

export interface OpenedFilm {
  summary: FilmSummary;
  document: Document;
  revision: number;
}

export interface PatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}
export type Patch = PatchOperation[];

export interface HistoryEntry {
  revision: number;
  base_revision: number;
  author: string;
  time: string;
  reason: string;
  by: 'auto' | 'person';
  kind: 'edit' | 'undo' | 'redo';
  target: number;
  patch: Patch;
}

export type Severity = 'note' | 'warning' | 'error';

export interface Finding {
  severity: Severity;
  phase: string;
  code: string;
  where?: { in_samples: number; out_samples: number } | null;
  item: string;
  message: string;
  remedy: string;
  figure: number;
  unit: string;
}

export type PhaseState = 'open' | 'done' | 'approved' | 'stale';

export interface BoardPhase {
  name: PhaseName;
  state: PhaseState;
  /** What there is, in words: "14 clips, 3 open cues". */
  summary: string;
  items: number;
  open: number;
  approved_by?: string;
  approved_at?: string;
  note?: string;
  /** Where in the film today's sound is not what was approved. */
  stale: { in_samples: number; out_samples: number; reason?: string }[];
}

export interface Board {
  revision: number;
  phases: BoardPhase[];
  findings: Finding[];
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  phase?: string;
  author: string;
  state: JobState;
  /** 0 to 1. */
  progress: number;
  seconds_left?: number | null;
  message: string;
}

export interface Presence {
  name: string;
  page: string;
  at_samples: number;
  selection: string;
}

export interface Output {
  path: string;
  title?: string;
  bytes: number;
  [more: string]: unknown;
}

export interface PictureInfo {
  frame_rate: string;
  frames: number;
  width: number;
  height: number;
  proxy_ready: boolean;
}

export interface SoundInfo {
  id: string;
  name: string;
  channels: number;
  length_samples: number;
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
  | { type: 'edit'; revision: number; base_revision: number; author: string; reason: string; time: string; kind: 'edit' | 'undo' | 'redo'; patch: Patch }
  | { type: 'edited'; id: string; revision: number }
  | { type: 'refused'; id: string; problem: ProblemDocument }
  | { type: 'presence'; present: Presence[] }
  | { type: 'job'; job: Job }
  | { type: 'board' }
  | { type: 'peaks'; media: string }
  | { type: 'picture'; info: PictureInfo }
  | { type: 'lagged'; revision: number };

export type ToServer =
  | { type: 'edit'; id: string; base_revision: number; reason: string; patch: Patch }
  | { type: 'presence'; page: string; at_samples: number; selection: string }
  | { type: 'catch-up'; revision: number };
