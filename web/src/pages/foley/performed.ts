/** A performance as the server split it. */
export interface PerformedHit {
  cue: string;
  played_samples: number;
  heard_samples: number;
  moved_ms: number;
  level_dbfs: number;
}
export interface Performed {
  hits: PerformedHit[];
  unplayed: string[];
  left_over: number;
}
