/** What the server says and hears beside the session's own types: written from the server's field lists (schema/api.ts); here only what cannot be said there. */
import type { EditedMessage, EditMessage, FilmView, HelloMessage, Job, LaggedMessage, PageMessage, PatchOperation, PictureInfo, PresenceMessage, Problem, RefusedMessage } from '$schema/api';

export type {
  AuditEntry, Board, BoardFinding as Finding, BoardPhase, BoothCue, BoothTake, BoothTakeChange, BoothView, Control, CueFitInfo, EffectKind, FilmSummary, HistoryEntry, Invitation, Job, JobKind, JobState, KindTables, LibraryItem, LibraryPage, LiveMix,
  LoudnessCurve, Me, MixCheck, Output, PatchOperation, PerformedHit, PerformedInfo, PictureInfo, Presence, ProposalItem, Proposals, Severity, SoundInfo, SpecificationInfo, Staleness, Stretch, SyncMeasured, SyncPlacement, SyncPoint, SyncView, TakeCheck,
  TakeFitInfo, TakeFor, TakeOffset, TakeResult, TakeStart, User,
} from '$schema/api';

export const kPhases = ['dialogue', 'adr', 'design', 'foley', 'music', 'mix'] as const;
export type PhaseName = (typeof kPhases)[number];

export type OpenedFilm = FilmView & { revision: number };
export type Patch = PatchOperation[];
/** RFC 9457; not all of it where something between us and the server wrote it. */
export type ProblemDocument = Omit<Problem, 'remedy' | 'collided'> & Partial<Pick<Problem, 'remedy' | 'collided'>>;

/** Something is still being made in the background: status 202. */
export interface NotYet {
  ready: false;
  share: number;
}
export const notYet = (value: unknown): value is NotYet => typeof value === 'object' && value !== null && (value as { ready?: unknown }).ready === false;

type Tagged<Name extends string, Message> = Omit<Message, 'type' | 'ext'> & { type: Name };
export type FromServer =
  | Tagged<'hello', HelloMessage>
  | (Tagged<'edit', Omit<EditMessage, 'id'>> & { id?: string })
  | Tagged<'edited', EditedMessage>
  | (Tagged<'refused', Omit<RefusedMessage, 'problem'>> & { problem: ProblemDocument })
  | Tagged<'presence', PresenceMessage>
  | { type: 'job'; job: Job }
  | { type: 'board' }
  | { type: 'peaks'; media: string }
  | { type: 'picture'; info: PictureInfo }
  /** Too much was missed to be told: take the document anew; revision 0: ask with catch-up. */
  | Tagged<'lagged', LaggedMessage>;

export type ToServer =
  | (Tagged<'edit', Pick<PageMessage, 'id' | 'reason' | 'patch'>> & { base_revision: number })
  | (Tagged<'presence', Pick<PageMessage, 'page' | 'selection'>> & { at_samples: number })
  | { type: 'catch-up'; revision: number };
