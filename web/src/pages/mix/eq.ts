/** The equaliser as it is drawn and dragged: places of frequencies and levels. What it does is asked of the engine. Pure. */
import type { BandKind, EqBand } from '$schema/types';

/** Bands of a strip in the order in which they work. */
export function inOrder(eq: Record<string, EqBand>): Array<[string, EqBand]> {
  return Object.entries(eq).sort(([a, x], [b, y]) => x.order - y.order || (a < b ? -1 : 1));
}

/** Whether a band's gain does anything. */
export function hasGain(kind: BandKind): boolean {
  return kind === 'bell' || kind === 'low_shelf' || kind === 'high_shelf';
}

export interface Plot {
  width: number;
  height: number;
  lowHz: number;
  highHz: number;
  /** Decibels at the upper edge; the lower one is its negative. */
  rangeDb: number;
}

export function xOf(plot: Plot, hz: number): number {
  return (plot.width * Math.log(hz / plot.lowHz)) / Math.log(plot.highHz / plot.lowHz);
}
export function hzAt(plot: Plot, x: number): number {
  return plot.lowHz * (plot.highHz / plot.lowHz) ** (x / plot.width);
}
export function yOf(plot: Plot, db: number): number {
  return (plot.height * (plot.rangeDb - db)) / (2 * plot.rangeDb);
}
export function dbAt(plot: Plot, y: number): number {
  return plot.rangeDb - (2 * plot.rangeDb * y) / plot.height;
}

/** A curve as an SVG path, a point every two pixels; empty where there is none yet. */
export function curvePath(plot: Plot, response: (frequencies_hz: readonly number[]) => ArrayLike<number> | null): string {
  const places = Array.from({ length: Math.floor(plot.width / 2) + 1 }, (_, i) => 2 * i);
  const levels = response(places.map((x) => hzAt(plot, x)));
  if (!levels) return '';
  const y = (db: number): string => yOf(plot, Math.max(-2 * plot.rangeDb, Math.min(2 * plot.rangeDb, db))).toFixed(2);
  return places.map((x, i) => `${i === 0 ? 'M' : 'L'}${x} ${y(levels[i] ?? 0)}`).join('');
}

/** A band where the pointer is: frequencies to three figures, gain to a tenth, within their limits. */
export function dragged(plot: Plot, band: EqBand, x: number, y: number, rateHz: number): EqBand {
  const hz = roundTo(Math.min(Math.max(hzAt(plot, x), 20), Math.min(20000, rateHz * 0.49)), 3);
  const gain = hasGain(band.kind) ? Math.round(Math.min(24, Math.max(-24, dbAt(plot, y))) * 10) / 10 : band.gain_db;
  return { ...band, frequency_hz: hz, gain_db: gain };
}

/** One step of the keyboard: a twelfth of an octave, half a decibel, a tenth of the quality. */
export function nudged(band: EqBand, key: string, fine: boolean, rateHz: number): EqBand | undefined {
  const step = fine ? 0.2 : 1;
  const hz = (by: number) => roundTo(Math.min(Math.max(band.frequency_hz * 2 ** (by / 12), 20), Math.min(20000, rateHz * 0.49)), 4);
  const gain = (by: number) => Math.round(Math.min(24, Math.max(-24, band.gain_db + by)) * 10) / 10;
  switch (key) {
    case 'ArrowLeft':
      return { ...band, frequency_hz: hz(-step) };
    case 'ArrowRight':
      return { ...band, frequency_hz: hz(step) };
    case 'ArrowUp':
      return hasGain(band.kind) ? { ...band, gain_db: gain(0.5 * step) } : undefined;
    case 'ArrowDown':
      return hasGain(band.kind) ? { ...band, gain_db: gain(-0.5 * step) } : undefined;
    case 'PageUp':
      return { ...band, q: roundTo(Math.min(30, band.q * 1.1 ** step), 3) };
    case 'PageDown':
      return { ...band, q: roundTo(Math.max(0.1, band.q / 1.1 ** step), 3) };
    default:
      return undefined;
  }
}

export function roundTo(value: number, figures: number): number {
  return Number(value.toPrecision(figures));
}
