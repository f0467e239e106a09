/** Steps painted in time with the picture, and how far a performance lies from its cues. Pure. */
import type { Foley, FoleyCue, FoleyPass } from '$schema/types';

export const passes: readonly FoleyPass[] = ['feet', 'moves', 'specifics'];

export interface Tapping {
  /** What a hand is late by (reaction and keyboard); taken off each tap. */
  lag_ms: number;
  /** Taps closer than this are one. */
  shortest_ms: number;
  rate_hz: number;
  length_samples: number;
}

/** Film times of taps: lag taken off, within the film, doubles dropped. */
export function tapped(taps: readonly number[], t: Tapping): number[] {
  const lag = (t.lag_ms * t.rate_hz) / 1000;
  const least = (t.shortest_ms * t.rate_hz) / 1000;
  const kept: number[] = [];
  for (const at of taps.map((tap) => Math.round(tap - lag)).sort((a, b) => a - b)) {
    if (at < 0 || at >= t.length_samples) continue;
    const last = kept.at(-1);
    if (last === undefined || at - last >= least) kept.push(at);
  }
  return kept;
}

/** Taps moved onto the nearest of `marks` (candidates, onsets) within reach; others stay. No mark is used twice. */
export function snapped(taps: readonly number[], marks: readonly number[], reach: number): Array<{ at: number; from: number; snapped: boolean }> {
  const pairs: Array<{ tap: number; mark: number; way: number }> = [];
  taps.forEach((tap, i) => marks.forEach((mark, j) => {
    const way = Math.abs(tap - mark);
    if (way <= reach) pairs.push({ tap: i, mark: j, way });
  }));
  pairs.sort((a, b) => a.way - b.way);
  const moved = new Map<number, number>();
  const used = new Set<number>();
  for (const { tap, mark } of pairs)
    if (!moved.has(tap) && !used.has(mark)) {
      moved.set(tap, marks[mark] ?? 0);
      used.add(mark);
    }
  return taps.map((tap, i) => ({ at: moved.get(i) ?? tap, from: tap, snapped: moved.has(i) }));
}

export interface SheetRow {
  id: string;
  cue: FoleyCue;
}

/** The sheet of a pass in order of time. */
export function sheet(cues: Record<string, FoleyCue>, pass: FoleyPass | 'all', text = ''): SheetRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return Object.entries(cues)
    .filter(([, cue]) => pass === 'all' || cue.pass === pass)
    .filter(([id, cue]) => {
      const all = `${id} ${cue.character} ${cue.surface} ${cue.action} ${cue.status}`.toLowerCase();
      return words.every((w) => all.includes(w));
    })
    .map(([id, cue]) => ({ id, cue }))
    .sort((a, b) => a.cue.at_samples - b.cue.at_samples || (a.id < b.id ? -1 : 1));
}

/** The set that plays a cue: the one it names, by id or surface, else the first of its pass that has its surface (as the engine chooses). */
export function setOf(foley: Pick<Foley, 'sets'>, cue: Pick<FoleyCue, 'set' | 'surface' | 'pass'>): string {
  if (cue.set in foley.sets) return cue.set;
  const all = Object.entries(foley.sets).sort(([a], [b]) => (a < b ? -1 : 1));
  const like = (surface: string): string => (surface ? (all.find(([, s]) => s.pass === cue.pass && s.surface.toUpperCase() === surface.toUpperCase())?.[0] ?? '') : '');
  return like(cue.set) || like(cue.surface);
}

/** An id no cue has: the pass's first letter and a number. */
export function nextId(cues: Record<string, unknown>, pass: FoleyPass): string {
  let n = Object.keys(cues).length + 1;
  const name = () => `${pass}-${String(n).padStart(3, '0')}`;
  while (name() in cues) n++;
  return name();
}

/** Figures over distances in ms: how the whole performance lies. */
export function spread(errorsMs: readonly number[]): { count: number; median: number; worst: number } {
  if (errorsMs.length === 0) return { count: 0, median: 0, worst: 0 };
  const sizes = errorsMs.map(Math.abs).sort((a, b) => a - b);
  const middle = sizes.length >> 1;
  const median = sizes.length % 2 ? (sizes[middle] ?? 0) : ((sizes[middle - 1] ?? 0) + (sizes[middle] ?? 0)) / 2;
  return { count: sizes.length, median, worst: sizes.at(-1) ?? 0 };
}
