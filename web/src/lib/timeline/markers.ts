import type { Document } from '$schema/types';

/** A place on the film, and what somebody wants to say about it. */
export interface Marker {
  at_samples: number;
  /** Where it is about a stretch. */
  out_samples?: number;
  text: string;
  who: string;
  /** UTC, ISO 8601. */
  when: string;
  /** Path of the session item it is about; empty: the place itself. */
  item: string;
  done: boolean;
}
export type Markers = Readonly<Record<string, Marker>>;

/**
 * Markers are the studio's own: the engine reads none. They lie in the document's extensions, /ext/studio/markers, where the format keeps
 * what it does not know; edits, undo, merging and history work there as anywhere.
 */
export function markersOf(document: Document): Markers {
  return studioOf(document).markers ?? {};
}

export function withMarkers(document: Document, change: (markers: Markers) => Markers): Document {
  const studio = studioOf(document);
  return { ...document, ext: { ...document.ext, studio: { ...studio, markers: change(studio.markers ?? {}) } } };
}

function studioOf(document: Document): { markers?: Markers } {
  const studio = document.ext?.['studio'];
  return typeof studio === 'object' && studio !== null ? studio : {};
}
