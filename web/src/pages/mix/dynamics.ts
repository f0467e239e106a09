/** Static curves of the engine's compressor and expander, for drawing. */
import type { CompressorSettings, ExpanderSettings } from '$schema/types';

/** Output level of the compressor for an input level, make-up included (engine/dsp/compressor.cpp, static_curve). */
export function compressedDb(s: CompressorSettings, inDb: number): number {
  const over = inDb - (s.threshold_dbfs ?? 0);
  const half = s.knee_db / 2;
  const bent = Math.min(Math.max(over + half, 0), s.knee_db);
  const soft = s.knee_db > 0 ? (bent * bent) / (2 * s.knee_db) : 0;
  return inDb + s.make_up_db - (1 - 1 / s.ratio) * (soft + Math.max(over - half, 0));
}

/** Output level of the closed expander for an input level (engine/dsp/expander.cpp). */
export function expandedDb(s: ExpanderSettings, inDb: number): number {
  const over = inDb - (s.threshold_dbfs ?? -120);
  return inDb + Math.max(-s.range_db, Math.min(0, over * (s.ratio - 1)));
}

/** Level at which an open expander starts to close. */
export function closingDb(s: ExpanderSettings): number {
  return (s.threshold_dbfs ?? -120) - s.hysteresis_db;
}

export interface LevelPlot {
  size: number;
  lowDb: number;
  highDb: number;
}

/** A curve of output against input as an SVG path in a square, low levels at the lower left. */
export function levelPath(plot: LevelPlot, curve: (inDb: number) => number): string {
  const span = plot.highDb - plot.lowDb;
  let path = '';
  for (let i = 0; i <= plot.size; i += 2) {
    const inDb = plot.lowDb + (span * i) / plot.size;
    const out = Math.max(plot.lowDb - span, Math.min(plot.highDb + span, curve(inDb)));
    path += `${i === 0 ? 'M' : 'L'}${i} ${(plot.size * (1 - (out - plot.lowDb) / span)).toFixed(2)}`;
  }
  return path;
}

export function placeOf(plot: LevelPlot, db: number): number {
  return (plot.size * (db - plot.lowDb)) / (plot.highDb - plot.lowDb);
}
export function levelAt(plot: LevelPlot, place: number): number {
  return plot.lowDb + ((plot.highDb - plot.lowDb) * place) / plot.size;
}
