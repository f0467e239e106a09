/** The cue list: what is shown, in which order, and which take is to be heard. Pure. */
import type { Adr, AdrCue, AdrTake, CueStatus } from '$schema/types';

export interface CueFilter {
  status: CueStatus | 'all';
  character: string;
  text: string;
}
export type CueOrder = 'time' | 'number' | 'character' | 'status';

export interface CueRow {
  id: string;
  cue: AdrCue;
  takes: Array<{ id: string; take: AdrTake }>;
}

const statuses: CueStatus[] = ['open', 'recorded', 'done', 'omitted'];

export function cueRows(adr: Adr, filter: CueFilter, order: CueOrder): CueRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = Object.entries(adr.cues)
    .filter(([, c]) => filter.status === 'all' || c.status === filter.status)
    .filter(([, c]) => !filter.character || c.character === filter.character)
    .filter(([, c]) => {
      const all = `${c.number} ${c.character} ${c.text} ${c.alternate_text} ${c.notes} ${c.reason_code} ${c.figure}`.toLowerCase();
      return words.every((w) => all.includes(w));
    })
    .map(([id, cue]) => ({ id, cue, takes: takesOf(adr, id) }));
  const by: Record<CueOrder, (r: CueRow) => string | number> = {
    time: (r) => r.cue.film.in_samples,
    number: (r) => r.cue.number,
    character: (r) => r.cue.character,
    status: (r) => statuses.indexOf(r.cue.status),
  };
  return rows.sort((a, b) => compare(by[order](a), by[order](b)) || a.cue.film.in_samples - b.cue.film.in_samples);
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** Takes of a cue: chosen first, then by stars, then by fit; refused ones last. */
export function takesOf(adr: Adr, cue: string): Array<{ id: string; take: AdrTake }> {
  const chosen = adr.cues[cue]?.chosen_take;
  return Object.entries(adr.takes)
    .filter(([, take]) => take.cue === cue)
    .map(([id, take]) => ({ id, take }))
    .sort(
      (a, b) =>
        Number(b.id === chosen) - Number(a.id === chosen) ||
        Number(a.take.refused) - Number(b.take.refused) ||
        b.take.stars - a.take.stars ||
        b.take.fit - a.take.fit ||
        (a.id < b.id ? -1 : 1),
    );
}

export function characters(adr: Adr): string[] {
  return [...new Set(Object.values(adr.cues).map((c) => c.character).filter(Boolean))].sort((a, b) => a.localeCompare(b));
}

export function tally(adr: Adr): Record<CueStatus, number> {
  const count: Record<CueStatus, number> = { open: 0, recorded: 0, done: 0, omitted: 0 };
  for (const cue of Object.values(adr.cues)) count[cue.status] += 1;
  return count;
}

/** A cue number after the highest there is, as wide as those. */
export function nextNumber(adr: Adr): string {
  let most = 0;
  let width = 3;
  for (const cue of Object.values(adr.cues)) {
    const digits = /(\d+)\D*$/.exec(cue.number)?.[1];
    if (digits) {
      most = Math.max(most, Number(digits));
      width = Math.max(width, digits.length);
    }
  }
  return String(most + 1).padStart(width, '0');
}
