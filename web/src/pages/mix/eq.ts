/**
 * The equaliser's curve as it is processed: the responses of engine/dsp/coefficients.cpp (zero-delay state-variable filters with
 * trapezoidal integrators), whose analogue prototype is evaluated at the warped frequency. Pure; only for drawing.
 */
import type { BandKind, EqBand } from '$schema/types';

/** |H| of one band in dB at a frequency. */
export function bandResponseDb(band: Pick<EqBand, 'kind' | 'frequency_hz' | 'q' | 'gain_db'>, frequencyHz: number, rateHz: number): number {
  const nyquist = rateHz / 2;
  if (band.frequency_hz >= nyquist) return 0;
  // The bilinear transform maps a frequency w onto tan(pi w / rate); with the prototype's own g the ratio is what counts.
  const at = Math.tan((Math.PI * Math.min(frequencyHz, nyquist * 0.9999)) / rateHz);
  let g = Math.tan((Math.PI * band.frequency_hz) / rateHz);
  const a = 10 ** (band.gain_db / 40);
  let k = 1 / band.q;
  if (band.kind === 'bell') k /= a;
  if (band.kind === 'low_shelf') g /= Math.sqrt(a);
  if (band.kind === 'high_shelf') g *= Math.sqrt(a);
  const w = at / g;
  const [m0, m1, m2] = mixOf(band.kind, k, a);
  // H(s) = m0 + m1 s / D + m2 / D, D = s^2 + k s + 1, s = j w.
  const dRe = 1 - w * w;
  const dIm = k * w;
  const nRe = m0 * dRe + m2;
  const nIm = m0 * dIm + m1 * w;
  const power = (nRe * nRe + nIm * nIm) / (dRe * dRe + dIm * dIm);
  return 10 * Math.log10(Math.max(power, 1e-12));
}

function mixOf(kind: BandKind, k: number, a: number): [number, number, number] {
  switch (kind) {
    case 'low_pass':
      return [0, 0, 1];
    case 'high_pass':
      return [1, -k, -1];
    case 'notch':
      return [1, -k, 0];
    case 'bell':
      return [1, k * (a * a - 1), 0];
    case 'low_shelf':
      return [1, k * (a - 1), a * a - 1];
    case 'high_shelf':
      return [a * a, k * (1 - a) * a, 1 - a * a];
  }
}

/** Bands of a strip in the order in which they work. */
export function inOrder(eq: Record<string, EqBand>): Array<[string, EqBand]> {
  return Object.entries(eq).sort(([a, x], [b, y]) => x.order - y.order || (a < b ? -1 : 1));
}

export function chainResponseDb(bands: Iterable<EqBand>, frequencyHz: number, rateHz: number): number {
  let sum = 0;
  for (const band of bands) if (band.on) sum += bandResponseDb(band, frequencyHz, rateHz);
  return sum;
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

/** A chain's curve as an SVG path, a point every two pixels. */
export function curvePath(plot: Plot, bands: EqBand[], rateHz: number): string {
  let path = '';
  for (let x = 0; x <= plot.width; x += 2) {
    const db = Math.max(-2 * plot.rangeDb, Math.min(2 * plot.rangeDb, chainResponseDb(bands, hzAt(plot, x), rateHz)));
    path += `${x === 0 ? 'M' : 'L'}${x} ${yOf(plot, db).toFixed(2)}`;
  }
  return path;
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
