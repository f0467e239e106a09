/**
 * Hit points and tempo: which tempo, from which first beat, lands on the moments of the picture that matter. The search a
 * composer does with a click book, done over a range of tempi.
 */
export interface HitPoint {
  at_samples: number;
  name: string;
  /** 1 is an ordinary hit; 0 is ignored. */
  weight: number;
}

export interface Tempo {
  bpm: number;
  /** Film time of the first beat. */
  start_samples: number;
}

export interface Landing {
  id: string;
  name: string;
  at_samples: number;
  /** Nearest beat, from 1. */
  beat: number;
  /** How far the beat lies after the hit; negative: before. */
  off_samples: number;
}

/** Where the beats of a tempo fall against the hits. `grid`: parts of a beat that may carry a hit (1: beats, 2: off-beats too). */
export function landings(tempo: Tempo, hits: Record<string, HitPoint>, rateHz: number, grid = 1): Landing[] {
  const step = (60 * rateHz) / tempo.bpm / grid;
  return Object.entries(hits)
    .map(([id, hit]) => {
      const n = Math.round((hit.at_samples - tempo.start_samples) / step);
      return { id, name: hit.name, at_samples: hit.at_samples, beat: 1 + n / grid, off_samples: tempo.start_samples + n * step - hit.at_samples };
    })
    .sort((a, b) => a.at_samples - b.at_samples);
}

export interface TempoScore extends Tempo {
  /** Hits within the tolerance, near ones (within three times), and missed ones. */
  hit: number;
  near: number;
  missed: number;
  worst_samples: number;
  /** Weighted mean square of the distances in units of the tolerance: lower is better. */
  cost: number;
}

export interface TempoSearch {
  low_bpm: number;
  high_bpm: number;
  step_bpm: number;
  tolerance_samples: number;
  grid: number;
}

/** Tempi that land best, best first. The first beat may move by the tolerance; without hits there is nothing to find. */
export function findTempo(hits: Record<string, HitPoint>, start: number, rateHz: number, search: TempoSearch, most = 8): TempoScore[] {
  const points = Object.values(hits).filter((h) => h.weight > 0);
  if (points.length === 0) return [];
  const found: TempoScore[] = [];
  const steps = Math.floor((search.high_bpm - search.low_bpm) / search.step_bpm + 1e-9);
  for (let i = 0; i <= steps; i++) {
    const bpm = Math.round((search.low_bpm + i * search.step_bpm) * 1000) / 1000;
    found.push(bestStart(hits, start, bpm, rateHz, search));
  }
  found.sort((a, b) => b.hit - a.hit || a.cost - b.cost || a.bpm - b.bpm);
  // Of neighbouring tempi that say the same only the best is of use.
  const kept: TempoScore[] = [];
  for (const score of found) {
    if (kept.every((k) => Math.abs(k.bpm - score.bpm) > search.step_bpm * 3)) kept.push(score);
    if (kept.length === most) break;
  }
  return kept;
}

function bestStart(hits: Record<string, HitPoint>, start: number, bpm: number, rateHz: number, search: TempoSearch): TempoScore {
  const offsets = Object.entries(hits)
    .filter(([, h]) => h.weight > 0)
    .map(([id, h]) => ({ weight: h.weight, off: landings({ bpm, start_samples: start }, { [id]: h }, rateHz, search.grid)[0]?.off_samples ?? 0 }));
  // The weighted mean of the distances is the best common shift; it may not leave the tolerance.
  const weight = offsets.reduce((sum, o) => sum + o.weight, 0);
  const mean = offsets.reduce((sum, o) => sum + o.weight * o.off, 0) / weight;
  const shift = Math.min(search.tolerance_samples, Math.max(-search.tolerance_samples, mean));
  const score: TempoScore = { bpm, start_samples: Math.round(start - shift), hit: 0, near: 0, missed: 0, worst_samples: 0, cost: 0 };
  for (const o of offsets) {
    const off = Math.abs(o.off - shift);
    if (off <= search.tolerance_samples) score.hit += 1;
    else if (off <= 3 * search.tolerance_samples) score.near += 1;
    else score.missed += 1;
    score.worst_samples = Math.max(score.worst_samples, off);
    score.cost += (o.weight * (off / search.tolerance_samples) ** 2) / weight;
  }
  return score;
}

/** What a music cue keeps of its hits, under a key of ours in `ext`. Anything of another shape is left out. */
export function hitsOf(ext: Record<string, unknown> | undefined): Record<string, HitPoint> {
  const kept = (ext?.['twopop'] as { hits?: unknown } | undefined)?.hits;
  const hits: Record<string, HitPoint> = {};
  if (typeof kept !== 'object' || kept === null) return hits;
  for (const [id, value] of Object.entries(kept as Record<string, unknown>)) {
    const h = value as Partial<HitPoint> | null;
    if (h && typeof h.at_samples === 'number') hits[id] = { at_samples: h.at_samples, name: String(h.name ?? ''), weight: Number(h.weight ?? 1) };
  }
  return hits;
}

export function tempoOf(ext: Record<string, unknown> | undefined): Tempo | undefined {
  const t = (ext?.['twopop'] as { tempo?: Partial<Tempo> } | undefined)?.tempo;
  return t && typeof t.bpm === 'number' && typeof t.start_samples === 'number' ? { bpm: t.bpm, start_samples: t.start_samples } : undefined;
}
