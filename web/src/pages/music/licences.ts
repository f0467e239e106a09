import type { Document, Licence } from '$schema/types';

/** What a cue sheet cannot do without (as the engine's finding licence-missing has it), and what it should have besides. */
export const needed: ReadonlyArray<keyof Licence> = ['title', 'author', 'licence'];
export const wanted: ReadonlyArray<keyof Licence> = ['publisher', 'source', 'isrc'];

export interface LicenceRow {
  media: string;
  name: string;
  licence: Licence;
  missing: Array<keyof Licence>;
  incomplete: Array<keyof Licence>;
  /** Samples of film in which the piece is heard. */
  heard: number;
}

/** One row a piece that the cues play, those with something missing first. */
export function licenceRows(document: Pick<Document, 'media' | 'music'>): LicenceRow[] {
  const heard = new Map<string, number>();
  for (const cue of Object.values(document.music.cues)) if (cue.media) heard.set(cue.media, (heard.get(cue.media) ?? 0) + cue.film.out_samples - cue.film.in_samples);
  const rows: LicenceRow[] = [];
  for (const [media, samples] of heard) {
    const item = document.media[media];
    if (!item) continue;
    const empty = (field: keyof Licence) => !item.licence[field];
    rows.push({ media, name: item.name, licence: item.licence, missing: needed.filter(empty), incomplete: wanted.filter(empty), heard: samples });
  }
  return rows.sort((a, b) => b.missing.length - a.missing.length || a.name.localeCompare(b.name));
}

/** Codes of use on cue sheets, with what they stand for in the dictionary. */
export const usages = ['BI', 'BV', 'VI', 'VV', 'VS', 'FI', 'FV', 'MT', 'ET', 'T', 'L'] as const;
/** A cue that is heard in the scene is a visual one on the sheet. */
export function usageFor(diegetic: boolean, sung: boolean): string {
  return (diegetic ? 'V' : 'B') + (sung ? 'V' : 'I');
}
