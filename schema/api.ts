// Written by `twopop schema` from the engine's field lists; do not edit.

import type { By, Document } from "./types.ts";

export type EditKind = "edit" | "undo" | "redo";

export interface EditMessage {
  /** edit */
  type: string;
  /** It made */
  revision: number;
  /** It was made on */
  base_revision: number;
  /** Who */
  author: string;
  /** When */
  time: string;
  /** Why */
  reason: string;
  /** That its page gave it: how a page knows its own */
  id: string;
  /** Edit, undo or redo */
  kind: EditKind;
  /** To be applied to the document at revision - 1 */
  patch: Array<PatchOperation>;
  ext?: Record<string, unknown>;
}

export interface EditRequest {
  /** Revision the change was made on; the newest if left out; 0 to 1000000000000000 */
  base_revision?: number;
  /** Why; 0 to 1000 */
  reason: string;
  /** Made up by the page, never used twice: sent again after a lost connection, the edit is not made twice; 0 to 100 */
  id: string;
  /** What to change; all of it or nothing */
  patch: Array<PatchOperation>;
  ext?: Record<string, unknown>;
}

export interface EditedMessage {
  /** edited */
  type: string;
  /** Of the edit */
  id: string;
  /** It made, or had made when it was sent before */
  revision: number;
  ext?: Record<string, unknown>;
}

export interface FilmSummary {
  /** Its name in addresses */
  film: string;
  /** Its name for people */
  name: string;
  /** Newest revision */
  revision: number;
  /** Length */
  length_samples: number;
  /** Samples a second of the session */
  rate_hz: number;
  /** Picture frames a second */
  frame_rate: string;
  /** Drop-frame timecode */
  drop_frame: boolean;
  /** Timecode of the first frame, in frames since 00:00:00:00 */
  start_frame: number;
  /** Pages that are open on it */
  present: number;
  ext?: Record<string, unknown>;
}

export interface FilmView {
  /** In short */
  summary: FilmSummary;
  /** The session, with the key revision */
  document: Document;
  ext?: Record<string, unknown>;
}

export interface HelloMessage {
  /** hello */
  type: string;
  /** Newest revision */
  revision: number;
  /** Id of this connection */
  you: string;
  /** Who is here */
  present: Array<Presence>;
  ext?: Record<string, unknown>;
}

export interface HistoryEntry {
  /** It made */
  revision: number;
  /** It was made on */
  base_revision: number;
  /** Who */
  author: string;
  /** When */
  time: string;
  /** Why */
  reason: string;
  /** That the page gave it; empty for none */
  id: string;
  /** A person or analysis */
  by: By;
  /** Edit, undo or redo */
  kind: EditKind;
  /** Revision that an undo or redo is about */
  target?: number;
  /** What changed, with a test for everything that was replaced */
  patch: Array<PatchOperation>;
  ext?: Record<string, unknown>;
}

export interface LaggedMessage {
  /** lagged */
  type: string;
  /** Newest revision; 0: ask with catch-up */
  revision: number;
  ext?: Record<string, unknown>;
}

export interface Me {
  /** Author of their edits; empty: nobody is logged in */
  name: string;
  /** owner, a phase, director, viewer or actor */
  roles: Array<string>;
  /** What the roles allow: read, edit:mix, approve, build, people, booth ... */
  rights: Array<string>;
  /** To be sent as X-Csrf-Token with every request that changes something */
  csrf: string;
  /** The only film that an actor's link opens */
  film: string;
  /** The only cue of it, where the link is for one */
  cue: string;
  /** Nothing is shown without a login */
  login_needed: boolean;
  ext?: Record<string, unknown>;
}

export interface NewRevision {
  /** That the edit made; the newest if it changed nothing */
  revision: number;
  ext?: Record<string, unknown>;
}

export interface PageMessage {
  /** edit, undo, redo, presence or catch-up */
  type: string;
  /** Of an edit; 0 to 100 */
  id: string;
  /** Of an edit; 0 to 1000 */
  reason: string;
  /** Of presence: page of the studio; 0 to 100 */
  page: string;
  /** Of presence: path of what is selected; 0 to 500 */
  selection: string;
  /** Of an edit; 0 to 1000000000000000 */
  base_revision?: number;
  /** Of catch-up: the newest that the page has; 0 to 1000000000000000 */
  revision?: number;
  /** Of presence: place in the film; 0 to 1000000000000000 */
  at_samples?: number;
  /** Of an edit */
  patch: Array<PatchOperation>;
  ext?: Record<string, unknown>;
}

export interface PatchOperation {
  /** What to do */
  op: Verb;
  /** JSON pointer into the document */
  path: string;
  /** Of move and copy */
  from?: string;
  /** Of add, replace and test */
  value?: unknown;
  ext?: Record<string, unknown>;
}

export interface Presence {
  /** Of the connection */
  id: string;
  /** Who; 0 to 200 */
  name: string;
  /** Their roles */
  roles: Array<string>;
  /** Page of the studio they are on; 0 to 100 */
  page: string;
  /** Where they are in the film; 0 to 1000000000000000 */
  at_samples?: number;
  /** Path of what they have selected; 0 to 500 */
  selection: string;
  ext?: Record<string, unknown>;
}

export interface PresenceMessage {
  /** presence */
  type: string;
  /** Who is here */
  present: Array<Presence>;
  ext?: Record<string, unknown>;
}

export interface Problem {
  /** Always about:blank: `code` says which problem it is */
  type: string;
  /** The status in words */
  title: string;
  /** As HTTP counts them */
  status: number;
  /** What went wrong, with the value and the place */
  detail: string;
  /** What to do next */
  remedy: string;
  /** Stable name, such as conflict or not_found */
  code: string;
  /** Of a conflict: the paths of the document that somebody else changed */
  collided: Array<string>;
  ext?: Record<string, unknown>;
}

export interface RefusedMessage {
  /** refused */
  type: string;
  /** Of the edit; empty where the message could not be read */
  id: string;
  /** Why */
  problem: Problem;
  ext?: Record<string, unknown>;
}

export type Verb = "add" | "remove" | "replace" | "move" | "copy" | "test";
