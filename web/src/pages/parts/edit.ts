/** Small edits of the session, each with its reason: what every page does with the store. */
import { difference, pointer, valueAt, type FilmStore } from '$lib/store';
import type { Decision } from '$schema/types';

/** Changes what lies at a place; false where nothing lies there. */
export function changeAt<T>(film: FilmStore, keys: readonly string[], reason: string, change: (value: T) => T): boolean {
  const path = pointer(...keys);
  const before = valueAt(film.document, path) as T | undefined;
  if (before === undefined) return false;
  return film.edit(reason, difference(before, change(before), path));
}

/** Sets some fields of an item. */
export function setAt<T extends object>(film: FilmStore, keys: readonly string[], reason: string, fields: Partial<T>): boolean {
  return changeAt<T>(film, keys, reason, (value) => ({ ...value, ...fields }));
}

export function addAt(film: FilmStore, keys: readonly string[], reason: string, value: unknown): boolean {
  return film.edit(reason, [{ op: 'add', path: pointer(...keys), value }]);
}

export function removeAt(film: FilmStore, keys: readonly string[], reason: string): boolean {
  return film.edit(reason, [{ op: 'remove', path: pointer(...keys) }]);
}

/** What a person decides by hand. */
export const byPerson = (reason: string): Decision => ({ by: 'person', reason, confidence: 1 });
