import { frameOfSample, frameStart, frames, nearestFrameStart, samples, type FrameRate } from '$lib/time';
import { clipsIn, type Model } from './model.ts';

export type SnapKind = 'frame' | 'edge' | 'cue' | 'marker' | 'playhead' | 'onset';
export interface SnapPoint {
  at: number;
  kind: SnapKind;
}

/** Edges of clips within reach of a place, on all lanes or those given; not those of `except`. */
export function edgesNear(model: Model, at: number, reach: number, except: ReadonlySet<string>): SnapPoint[] {
  const found: SnapPoint[] = [];
  for (const track of model.tracks)
    for (const clip of clipsIn(track, at - reach, at + reach)) {
      if (except.has(clip.path)) continue;
      const kind: SnapKind = clip.kind === 'adr' || clip.kind === 'foley' ? 'cue' : 'edge';
      if (Math.abs(clip.in - at) <= reach) found.push({ at: clip.in, kind });
      if (Math.abs(clip.out - at) <= reach) found.push({ at: clip.out, kind });
    }
  return found;
}

/** Steep rises within peaks (least, most pairs of one level): where a sound begins. `first` is the film sample of peak 0. */
export function onsets(peaks: Int8Array, first: number, samples_per_peak: number): number[] {
  const found: number[] = [];
  let floor = 0;
  for (let at = 0; at * 2 + 1 < peaks.length; ++at) {
    const level = Math.max(Math.abs(peaks[at * 2] ?? 0), Math.abs(peaks[at * 2 + 1] ?? 0));
    if (level > 6 && level > 3 * floor + 3) {
      found.push(Math.round(first + at * samples_per_peak));
      floor = level;
    }
    // Falls by half in about 60 ms at 256 samples a peak.
    floor = Math.max(level, floor * 0.94);
  }
  return found;
}

export interface SnapSettings {
  rate: FrameRate;
  rate_hz: number;
  /** How far something pulls, in samples. */
  reach: number;
}

/** Where to go instead of `at`: the nearest point within reach, else the nearest frame within reach, else where it is. */
export function snapped(at: number, points: readonly SnapPoint[], settings: SnapSettings): SnapPoint | null {
  let best: SnapPoint | null = null;
  for (const point of points) if (Math.abs(point.at - at) <= settings.reach && (!best || Math.abs(point.at - at) < Math.abs(best.at - at))) best = point;
  if (best) return best;
  const frame = nearestFrameStart(samples(at), settings.rate, settings.rate_hz);
  return Math.abs(frame - at) <= settings.reach ? { at: frame, kind: 'frame' } : null;
}

/** For a stretch that moves: the shift that snaps its start or its end, whichever is nearer to something. */
export function snappedShift(from: number, to: number, shift: number, points: readonly SnapPoint[], settings: SnapSettings): { shift: number; point: SnapPoint | null } {
  const start = snapped(from + shift, points, settings);
  const stop = snapped(to + shift, points.filter(({ kind }) => kind !== 'playhead'), settings);
  const by_start = start ? start.at - from : null;
  const by_stop = stop && stop.kind !== 'frame' ? stop.at - to : null;
  if (by_stop !== null && (by_start === null || start?.kind === 'frame' || Math.abs(by_stop - shift) < Math.abs(by_start - shift))) return { shift: by_stop, point: stop };
  return by_start === null ? { shift, point: null } : { shift: by_start, point: start };
}

/** One frame on or back from where `at` lies. */
export function stepFrames(at: number, by: number, rate: FrameRate, rate_hz: number): number {
  return frameStart(frames(Math.max(0, frameOfSample(samples(at), rate, rate_hz) + by)), rate, rate_hz);
}
