/** Placement by hand: offset and drift as people say them, and the line that shows them. Pure. */
import type { SyncMeasured } from '$lib/api';
import type { Placement } from '$schema/types';

/** Where a file's second lies in the film; the inverse of what Placement's field list says. */
export function sourceAt(p: Placement, atSamples: number, rateHz: number): number {
  return p.source_at_in_s + ((atSamples - p.film.in_samples) / rateHz) * (1 + p.drift_ppm * 1e-6);
}

/** Film time of the file's first sample. */
export function fileStart(p: Placement, rateHz: number): number {
  return p.film.in_samples - (p.source_at_in_s / (1 + p.drift_ppm * 1e-6)) * rateHz;
}

/** Later in the film by so many ms: the sound at a place comes from earlier in the file. */
export function movedLater(p: Placement, ms: number): Placement {
  return { ...p, source_at_in_s: round9(p.source_at_in_s - (ms / 1000) * (1 + p.drift_ppm * 1e-6)) };
}

/** Another drift, the sound at `pivot` left where it is. */
export function withDrift(p: Placement, ppm: number, pivotSamples: number, rateHz: number): Placement {
  const at = sourceAt(p, pivotSamples, rateHz);
  const turned = { ...p, drift_ppm: ppm };
  return { ...turned, source_at_in_s: round9(at - ((pivotSamples - p.film.in_samples) / rateHz) * (1 + ppm * 1e-6)) };
}

/** A correction is a person's decision from there on. */
export function corrected(before: Placement, after: Placement, reason: string): Placement {
  return { ...before, ...after, method: 'person', decided: { ...before.decided, by: 'person', reason, confidence: 1 } };
}

/** What drift adds up to over a stretch. */
export function driftOver(ppm: number, samples: number, rateHz: number): number {
  return ppm * 1e-6 * (samples / rateHz) * 1000;
}

/** The seconds of the file that a placement plays. */
export const fileSpan = (p: Placement, rateHz: number): [number, number] => [p.source_at_in_s, sourceAt(p, p.film.out_samples, rateHz)];

/** Where in the film a second of the file is heard; the inverse of sourceAt, kept within the placement. */
export function filmAt(p: Placement, source_s: number, rateHz: number): number {
  const at = p.film.in_samples + ((source_s - p.source_at_in_s) / (1 + p.drift_ppm * 1e-6)) * rateHz;
  return Math.round(Math.min(p.film.out_samples, Math.max(p.film.in_samples, at)));
}

export interface Residual {
  source_s: number;
  /** By how much later than the line says the file has the sound. */
  ms: number;
  on_line: boolean;
}

/** Further from what was measured than this, a placement is another place in the recording, and not that one corrected. */
const kSamePlaceMs = 500;

/**
 * What each stretch of a recording says against the line along which it is laid: measured against the film's own sound, a correction by
 * hand moves them all; against another recording, whose place in the film may change too, they stand about the line that was measured.
 */
export function residuals(p: Placement, m: SyncMeasured, rateHz: number, of_film: boolean): Residual[] {
  /** Second of the file on the measured line less that on the line of the placement, in ms, at a film second. */
  const apart = (film_s: number): number => ((film_s - m.offset_s) * (1 + m.drift_ppm * 1e-6) - sourceAt(p, film_s * rateHz, rateHz)) * 1000;
  const corrected_here = of_film && Math.abs(apart((p.film.in_samples + p.film.out_samples) / 2 / rateHz)) < kSamePlaceMs;
  return m.windows.map(({ source_s, left_ms, on_line }) => ({ source_s, ms: left_ms + (corrected_here ? apart(m.offset_s + source_s / (1 + m.drift_ppm * 1e-6)) : 0), on_line }));
}

/** Half the height of a picture of residuals: all that lie on the line, and a tenth of a millisecond at least. */
export function spreadOf(points: readonly Residual[]): number {
  return Math.max(0.1, ...points.filter((p) => p.on_line).map((p) => Math.abs(p.ms) * 1.2));
}

function round9(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
