import type { Document } from '$schema/types';
import type { BoardPhase, PhaseName } from '$lib/api';

export interface Stretched {
  in_samples: number;
  out_samples: number;
}

const secondsOf = (document: Document, media: string, from: number, to: number | undefined): number => Math.max(0, (to ?? document.media[media]?.duration_s ?? 0) - from);

/** Where a phase has something, in no order; stretches may overlap. */
export function phaseSpans(document: Document, phase: PhaseName): Stretched[] {
  const rate = document.rate_hz;
  const films = (items: Record<string, { film: Stretched }>): Stretched[] => Object.values(items).map(({ film }) => film);
  switch (phase) {
    case 'dialogue':
      return films(document.dialogue.clips);
    case 'adr':
      return films(document.adr.cues);
    case 'design':
      return [
        ...films(document.design.ambiences),
        ...Object.values(document.design.effects).map(({ at_samples, media, source_in_s, source_out_s }) => ({
          in_samples: at_samples,
          out_samples: at_samples + secondsOf(document, media, source_in_s, source_out_s) * rate,
        })),
      ];
    case 'foley':
      return Object.values(document.foley.cues).map(({ at_samples, out_samples }) => ({ in_samples: at_samples, out_samples: out_samples ?? at_samples + 0.25 * rate }));
    case 'music':
      return films(document.music.cues);
    case 'mix':
      return Object.keys(document.mix.strips).length > 0 ? [{ in_samples: 0, out_samples: document.picture.length_samples }] : [];
  }
}

/** Stretches as runs of bins out of `bins` over the film: [first, behind the last]. What is shorter than a bin still fills one. */
export function runs(spans: readonly Stretched[], length: number, bins: number): [number, number][] {
  if (length <= 0) return [];
  const filled = new Uint8Array(bins);
  for (const { in_samples, out_samples } of spans) {
    const from = Math.max(0, Math.floor((in_samples / length) * bins));
    const to = Math.min(bins, Math.max(from + 1, Math.ceil((out_samples / length) * bins)));
    filled.fill(1, from, to);
  }
  const found: [number, number][] = [];
  for (let at = 0; at < bins; ++at) {
    if (!filled[at]) continue;
    const from = at;
    while (at < bins && filled[at]) ++at;
    found.push([from, at]);
  }
  return found;
}

export type PhaseState = 'empty' | 'open' | 'done' | 'approved' | 'stale';

export function stateOf(row: BoardPhase): PhaseState {
  if (row.approval === 'decision-changed' || row.approval === 'engine-changed') return 'stale';
  if (row.approval === 'up-to-date') return 'approved';
  if (row.open > 0) return 'open';
  return row.items === 0 ? 'empty' : 'done';
}
