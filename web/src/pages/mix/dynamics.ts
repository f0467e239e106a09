/** How static curves of dynamics processors, which are asked of the engine, are drawn. Pure. */
import type { ExpanderSettings } from '$schema/types';

/** Level at which an open expander starts to close. */
export function closingDb(s: ExpanderSettings): number {
  return (s.threshold_dbfs ?? -120) - s.hysteresis_db;
}

export interface LevelPlot {
  size: number;
  lowDb: number;
  highDb: number;
}

/** Levels out for levels in; null where they are not known yet. */
export type LevelResponse = (levels_db: readonly number[]) => ArrayLike<number> | null;

/** A curve of output against input as an SVG path in a square, low levels at the lower left. */
export function levelPath(plot: LevelPlot, curve: LevelResponse): string {
  const span = plot.highDb - plot.lowDb;
  const places = Array.from({ length: Math.floor(plot.size / 2) + 1 }, (_, i) => 2 * i);
  const levels = curve(places.map((x) => levelAt(plot, x)));
  if (!levels) return '';
  const y = (out: number): string => (plot.size * (1 - (Math.max(plot.lowDb - span, Math.min(plot.highDb + span, out)) - plot.lowDb) / span)).toFixed(2);
  return places.map((x, i) => `${i === 0 ? 'M' : 'L'}${x} ${y(levels[i] ?? 0)}`).join('');
}

export function placeOf(plot: LevelPlot, db: number): number {
  return (plot.size * (db - plot.lowDb)) / (plot.highDb - plot.lowDb);
}
export function levelAt(plot: LevelPlot, place: number): number {
  return plot.lowDb + ((plot.highDb - plot.lowDb) * place) / plot.size;
}
