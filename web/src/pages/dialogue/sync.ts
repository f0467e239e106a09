/** Placement by hand: offset and drift as people say them, and the line that shows them. Pure. */
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

export interface LinePoint {
  at_samples: number;
  offset_ms: number;
  weight?: number;
}

/** Distance of measured points from the line that a placement draws, in ms. */
export function residuals(p: Placement, measured: Placement, points: readonly LinePoint[], rateHz: number): LinePoint[] {
  return points.map((point) => ({ ...point, offset_ms: point.offset_ms + (sourceAt(p, point.at_samples, rateHz) - sourceAt(measured, point.at_samples, rateHz)) * 1000 }));
}

function round9(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
