/** Cue sheets as CSV: out of the session, and back into it. */
import type { FilmStore } from '$lib/store';

export type SheetName = 'adr' | 'foley' | 'music';

export interface SheetOutcome {
  revision: number;
  added: number;
  changed: number;
  warnings: string[];
}

export const sheetUrl = (film: FilmStore, name: SheetName): string => film.api.url(`/sheets/${name}`);

export async function takeSheet(film: FilmStore, name: SheetName, file: File): Promise<SheetOutcome> {
  await film.saved();
  const response = await film.api.api.send('POST', film.api.path(`/sheets/${name}`), { body: file, headers: { 'Content-Type': 'text/csv' } }, { name: file.name });
  return (await response.json()) as SheetOutcome;
}
