import type { Document } from '$schema/types';
import type { Patch, ProblemDocument } from '$lib/api/values';
import { applyPatch } from './patch.ts';

/** An edit that is shown before the server has said that it is durable. */
export interface PendingEdit {
  readonly id: string;
  readonly reason: string;
  readonly patch: Patch;
  /** Whether it has been sent on the present connection. Only the first one ever is: the server would take the second for a collision with the first. */
  readonly sent: boolean;
  /** As which the server made it durable; it is shown from here until that revision has arrived. Null: not yet. */
  readonly revision: number | null;
}

/**
 * A film as this page knows it: the server's document, and what this person did since. Values; every function returns another.
 * `shown` is the document with the pending edits on top.
 */
export interface FilmState {
  readonly revision: number;
  readonly confirmed: Document;
  readonly pending: readonly PendingEdit[];
  readonly shown: Document;
}

export interface ArrivedEdit {
  revision: number;
  author: string;
  /** That its page gave it. */
  id?: string;
  patch: Patch;
}

export function opened(document: Document, revision: number): FilmState {
  return { revision, confirmed: document, pending: [], shown: document };
}

/** `dropped` are pending edits that collided with what others did; the person has to be told. */
export interface Settled {
  state: FilmState;
  dropped: PendingEdit[];
}

function settle(state: Omit<FilmState, 'shown'>): Settled {
  let shown = state.confirmed;
  const pending: PendingEdit[] = [];
  const dropped: PendingEdit[] = [];
  for (const edit of state.pending) {
    try {
      shown = applyPatch(shown, edit.patch);
      pending.push(edit);
    } catch {
      // A sent edit is judged by the server, which answers `refused`; until then it is only not shown.
      (edit.sent ? pending : dropped).push(edit);
    }
  }
  return { state: { ...state, pending, shown }, dropped };
}

/** Shows an edit at once. Throws PatchError where it does not fit the document. */
export function edited(state: FilmState, id: string, reason: string, patch: Patch): FilmState {
  const shown = applyPatch(state.shown, patch);
  return { ...state, shown, pending: [...state.pending, { id, reason, patch, sent: false, revision: null }] };
}

export const markSent = (state: FilmState, id: string): FilmState => ({ ...state, pending: state.pending.map((edit) => (edit.id === id ? { ...edit, sent: true } : edit)) });

/** After a lost connection only what was answered counts as sent. The rest is sent again under its old id, by which the server knows what it had made durable. */
export const markUnsent = (state: FilmState): FilmState => ({ ...state, pending: state.pending.map((edit) => ({ ...edit, sent: edit.revision !== null })) });

/**
 * An edit of the log. Null where earlier ones are missing: ask for a catch-up. Edits that are known are passed over. The log holds more
 * than what was sent (tests, and whose decision it now is), so an own edit is known by its id, or by the revision of its answer.
 */
export function arrived(state: FilmState, edit: ArrivedEdit, me: string): Settled | null {
  if (edit.revision <= state.revision) return { state, dropped: [] };
  if (edit.revision !== state.revision + 1) return null;
  const confirmed = applyPatch(state.confirmed, edit.patch);
  const here = state.pending.filter(({ id, revision }) => id !== edit.id && (revision === null || revision > edit.revision));
  const collides = (pending: PendingEdit): boolean => !pending.sent && edit.author !== me && overlap(pending.patch, edit.patch);
  const settled = settle({ revision: edit.revision, confirmed, pending: here.filter((pending) => !collides(pending)) });
  return { state: settled.state, dropped: [...here.filter(collides), ...settled.dropped] };
}

/** Whether two changes touch the same place, or one a place within the other's. */
export function overlap(a: Patch, b: Patch): boolean {
  const places = (patch: Patch): string[] =>
    patch.filter(({ op }) => op !== 'test').flatMap(({ path, from }) => (from === undefined ? [`${path}/`] : [`${path}/`, `${from}/`]));
  const others = places(b);
  return places(a).some((place) => others.some((other) => place.startsWith(other) || other.startsWith(place)));
}

/** The server made an edit of ours durable as this revision, which comes, or came, by the log like everybody's. */
export function acknowledged(state: FilmState, id: string, revision: number): Settled {
  const pending = state.pending.flatMap((edit) => (edit.id !== id ? [edit] : revision <= state.revision ? [] : [{ ...edit, sent: true, revision }]));
  return settle({ ...state, pending });
}

export interface Refusal {
  settled: Settled;
  edit: PendingEdit | undefined;
  problem: ProblemDocument;
}

/** The server refused an edit: what was shown of it is taken back. */
export function refused(state: FilmState, id: string, problem: ProblemDocument): Refusal {
  const edit = state.pending.find((pending) => pending.id === id);
  return { settled: settle({ ...state, pending: state.pending.filter((pending) => pending.id !== id) }), edit, problem };
}

/** The edit to send, if one is due. It is based on the present revision: what came in since it was made did not collide with it. */
export function due(state: FilmState): PendingEdit | null {
  const first = state.pending[0];
  return first && !first.sent ? first : null;
}

/** A fresh document of the server under the edits that are still on their way; nothing where more has arrived in the meantime. */
export function reopened(state: FilmState, document: Document, revision: number): Settled {
  if (revision <= state.revision) return { state, dropped: [] };
  return settle({ revision, confirmed: document, pending: markUnsent(state).pending.filter((edit) => edit.revision === null || edit.revision > revision) });
}
