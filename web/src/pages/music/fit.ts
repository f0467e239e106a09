/** How the server cuts a piece to its cue. */
export interface Splice {
  at_samples: number;
  leave_s: number;
  enter_s: number;
  likeness: number;
  correlation: number;
  shift_ms: number;
}
export interface CueFit {
  piece_s: number;
  tempo_bpm: number;
  worst_likeness: number;
  absorbed_ms: number;
  fade_in_samples: number;
  fade_out_samples: number;
  splices: Splice[];
}
