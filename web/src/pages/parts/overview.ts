/** What a strip of the film shows. */
export interface OverviewMark {
  id: string;
  at: number;
  /** A point where it is left out. */
  end?: number;
  title: string;
  text?: string;
  colour?: string;
  /** How it is drawn: "ghost" is offered, "late" far off, "line" thin, "bad" red. */
  kind?: 'ghost' | 'late' | 'line' | 'bad' | '';
  movable?: boolean;
}

export interface OverviewRow {
  id: string;
  name: string;
  colour: string;
  marks: readonly OverviewMark[];
  /** Stretches shaded behind, as speech. */
  shades?: readonly (readonly [number, number])[];
}
