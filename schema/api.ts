// Written by `twopop schema` from the engine's field lists; do not edit.

import type { AmbienceBed, By, CueStatus, Document, EffectClip, Fade, FoleyPass, LayoutName, MediaKind, Mix, Refusal, Span } from "./types.ts";

export interface ApprovalRequest {
  /** dialogue, adr, design, foley, music or mix */
  phase: string;
  /** A note that stands on the board; 0 to 4000 */
  note: string;
  /** Takes the approval back */
  withdraw: boolean;
  ext?: Record<string, unknown>;
}

export interface AuditEntry {
  /** Grows with time */
  id: number;
  /** When */
  time: string;
  /** Who; empty: nobody who was logged in */
  who: string;
  /** From which address */
  peer: string;
  /** Method and path */
  what: string;
  /** Answer, as HTTP counts them */
  status: number;
  /** Refusals of the same address that were not written down since its last line */
  more: number;
  ext?: Record<string, unknown>;
}

export interface Board {
  /** Revision it was made of; 0 to 1000000000000000 */
  revision: number;
  /** False while findings and staleness are still being worked out */
  complete: boolean;
  /** The six phases in their order */
  phases: Array<BoardPhase>;
  /** Worst first, then by time */
  findings: Array<BoardFinding>;
  ext?: Record<string, unknown>;
}

export interface BoardFinding {
  /** How bad it is */
  severity: Severity;
  /** dialogue ... mix, media or deliver */
  phase: string;
  /** Stable name of the kind of finding */
  code: string;
  /** Stretch of film */
  where?: Stretch;
  /** Path of the session item, or a file name */
  item: string;
  /** What is wrong */
  message: string;
  /** What to do */
  remedy: string;
  /** What was measured */
  figure: number;
  /** Its unit; empty where there is no figure */
  unit: string;
  ext?: Record<string, unknown>;
}

export interface BoardPhase {
  /** dialogue, adr, design, foley, music or mix */
  phase: string;
  /** How far it is */
  state: PhaseState;
  /** Whether what was approved is what is heard, and if not, why */
  approval: Staleness;
  /** What there is, in words */
  summary: string;
  /** Decisions in its part of the session */
  items: number;
  /** Those made by people */
  by_person: number;
  /** Cues to record, things undone */
  open: number;
  /** How many findings concern it */
  findings: number;
  /** Who approved it */
  approved_by?: string;
  /** When (UTC) */
  approved_at?: string;
  /** What was said about it */
  note?: string;
  /** Where today's sound is not what was approved */
  stale: Array<Stretch>;
  ext?: Record<string, unknown>;
}

export interface BoothCue {
  /** Id of the cue */
  id: string;
  /** A line, or Foley */
  for: TakeFor;
  /** As on the sheet */
  number: string;
  /** Who */
  character: string;
  /** The line, or the action */
  text: string;
  /** Alternate line */
  alternate_text: string;
  /** Notes */
  notes: string;
  /** In */
  in_samples: number;
  /** Out */
  out_samples: number;
  /** It is seen */
  on_screen: boolean;
  /** State */
  status: CueStatus;
  /** Foley pass */
  pass: FoleyPass;
  /** Oldest first */
  takes: Array<BoothTake>;
  ext?: Record<string, unknown>;
}

export interface BoothTake {
  /** Id of the ADR take or of the Foley performance */
  item: string;
  /** Id of the recording */
  media: string;
  /** Name shown to people */
  name: string;
  /** Film position of its first frame */
  at_samples: number;
  /** Length */
  duration_s: number;
  /** Rating; a Foley take is circled (1) or not (0); 0 to 5 */
  stars: number;
  /** Moved by hand */
  nudge_ms: number;
  /** How alike it is to the guide; 0 to 1 */
  fit: number;
  /** Largest distance left after fitting */
  worst_ms: number;
  /** It is the one that is heard in the film */
  chosen: boolean;
  /** Notes */
  notes: string;
  ext?: Record<string, unknown>;
}

export interface BoothTakeChange {
  /** Rating; 0 to 5 */
  stars?: number;
  /** How far it is moved by hand, in all; -2000 to 2000 */
  nudge_ms?: number;
  /** true: this one is heard in the film */
  chosen?: boolean;
  ext?: Record<string, unknown>;
}

export interface BoothView {
  /** Name of the film in the server */
  film: string;
  /** Name of the film */
  title: string;
  /** Of the session */
  revision: number;
  /** Of the session */
  rate_hz: number;
  /** Picture frames per second */
  frame_rate: string;
  /** Drop-frame timecode */
  drop_frame: boolean;
  /** Timecode of the first frame, counted in frames */
  start_frame: number;
  /** Length of the film */
  length_samples: number;
  /** The picture can be shown */
  picture: boolean;
  /** What is to be recorded, in order of time */
  cues: Array<BoothCue>;
  ext?: Record<string, unknown>;
}

export interface Control {
  /** Key of the number, its unit in it */
  key: string;
  /** What it does */
  meaning: string;
  /** Least value */
  least: number;
  /** Greatest value */
  most: number;
  /** Value where nothing is said */
  usual: number;
  ext?: Record<string, unknown>;
}

export interface CueFitInfo {
  /** Length of the piece */
  piece_s: number;
  /** Tempo that was tracked */
  tempo_bpm: number;
  /** Of its joins */
  worst_likeness: number;
  /** What no choice of joins could take up */
  absorbed_ms: number;
  /** Where it does not start as the piece does */
  fade_in_samples: number;
  /** Where it does not end as the piece does */
  fade_out_samples: number;
  /** In order of time */
  splices: Array<SpliceInfo>;
  ext?: Record<string, unknown>;
}

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

export interface EffectKind {
  /** Name of the step or synthesiser */
  kind: string;
  /** Its numbers */
  numbers: Array<Control>;
  /** Its words */
  words: Array<WordControl>;
  ext?: Record<string, unknown>;
}

export interface FileTaken {
  /** Its id; empty where it was left out */
  media: string;
  /** What it was taken for */
  kind: MediaKind;
  /** Why */
  reason: string;
  /** Why it is of no use as it is */
  problem: string;
  /** Revision that holds it; 0 to 1000000000000000 */
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

export interface Invitation {
  /** Names it in the list; opens nothing */
  id: string;
  /** The one role it gives */
  role: string;
  /** For an actor: the film it opens */
  film: string;
  /** For an actor: the only cue; empty: every open cue of the film */
  cue: string;
  /** Whom it is for */
  name: string;
  /** Who made it */
  created_by: string;
  /** When it was made */
  created: string;
  /** When it ends, and with it an actor's visit */
  expires: string;
  /** How often it may be used; 1 to 100 */
  uses: number;
  /** How often it was used */
  used: number;
  /** It was taken back */
  withdrawn: boolean;
  ext?: Record<string, unknown>;
}

export interface InvitationAccept {
  /** Name of the new account; not for actors; 0 to 64 */
  name: string;
  /** Its password; not for actors; 0 to 256 */
  password: string;
  ext?: Record<string, unknown>;
}

export interface InvitationLook {
  /** The role it gives */
  role: string;
  /** The film it opens */
  film: string;
  /** The cue it opens */
  cue: string;
  /** Whom it is for */
  name: string;
  /** When it ends */
  expires: string;
  /** Accepting makes an account: choose a name and a password */
  account: boolean;
  ext?: Record<string, unknown>;
}

export interface InvitationMade {
  /** As it stands in the list */
  invitation: Invitation;
  /** The link is /invite#TOKEN; it is not kept and cannot be shown again */
  token: string;
  ext?: Record<string, unknown>;
}

export interface Job {
  /** Its name */
  id: string;
  /** What it does */
  kind: JobKind;
  /** Of spot: the phase */
  phase: string;
  /** Of render: the sound */
  sound: string;
  /** Who asked for it */
  author: string;
  /** How far it is */
  state: JobState;
  /** Share of the present step that is done; 0 to 1 */
  progress: number;
  /** How long that step goes on, where it can be told */
  seconds_left?: number;
  /** What it is doing, or why it failed */
  message: string;
  /** When it was asked for (UTC) */
  queued_at: string;
  /** When it ended (UTC) */
  ended_at: string;
  /** What to do about a failure */
  remedy: string;
  /** What it led to */
  outcome?: JobOutcome;
  ext?: Record<string, unknown>;
}

export type JobKind = "build" | "spot" | "render";

export interface JobOutcome {
  /** Revision it left; 0 to 1000000000000000 */
  revision: number;
  /** Proposals taken into the session */
  accepted: number;
  /** Findings there are now */
  findings: number;
  /** Whether the mix passes its specification */
  passed: boolean;
  /** Files written, below out/ */
  outputs: Array<string>;
  /** Loudness of the mix */
  integrated_lufs?: number | null;
  /** True peak of the mix */
  true_peak_dbtp?: number | null;
  ext?: Record<string, unknown>;
}

export interface JobRequest {
  /** What is to be done */
  kind: JobKind;
  /** Of spot: only this one; empty: all */
  phase: string;
  /** Of render: name of a sound; empty: the mix */
  sound: string;
  /** Of render: the stretch of film; all of it if left out */
  range?: [number, number];
  ext?: Record<string, unknown>;
}

export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";

export type Judged = "programme" | "dialogue" | "true-peak" | "max-short-term" | "max-momentary" | "range";

export interface KindTables {
  /** Steps of an effect's chain */
  effects: Array<EffectKind>;
  /** Synthesisers of ambience */
  synths: Array<EffectKind>;
  ext?: Record<string, unknown>;
}

export interface LaggedMessage {
  /** lagged */
  type: string;
  /** Newest revision; 0: ask with catch-up */
  revision: number;
  ext?: Record<string, unknown>;
}

export interface LastBuild {
  /** The place in the cache */
  identity: string;
  /** Why it was, or was not, made again */
  reason: string;
  /** Which input or setting changed */
  cause: string;
  ext?: Record<string, unknown>;
}

export interface LibraryItem {
  /** Its id in the session */
  media: string;
  /** Name */
  name: string;
  /** Folders it lies in */
  path: string;
  /** UCS category of its name, if it has one */
  category: string;
  /** Notes */
  notes: string;
  /** Licence */
  licence: string;
  /** What it was taken for */
  kind: MediaKind;
  /** Length; 0 to 1000000000 */
  duration_s: number;
  /** Channels; 0 to 1024 */
  channels: number;
  /** Sample rate; 0 to 1000000 */
  rate_hz: number;
  ext?: Record<string, unknown>;
}

export interface LibraryPage {
  /** How many match; 0 to 1000000000 */
  total: number;
  /** Best first */
  items: Array<LibraryItem>;
  ext?: Record<string, unknown>;
}

export interface LiveCover {
  /** That is covered */
  stem: Stem;
  /** Only this track of it; empty: all */
  track: string;
  /** Where, in samples */
  range: [number, number];
  /** Of what covers it */
  fade_in: Fade;
  /** Of what covers it */
  fade_out: Fade;
  /** Why */
  reason: string;
  ext?: Record<string, unknown>;
}

export interface LiveMix {
  /** Revision it is of; 0 to 1000000000000000 */
  revision: number;
  /** Sample rate */
  rate_hz: number;
  /** Speakers of the mix */
  layout: LayoutName;
  /** Length of the film; 0 to 1000000000000 */
  length_samples: number;
  /** Production effects have a bus of their own */
  production_effects_stem: boolean;
  /** Of the limiter; -40 to 0 */
  ceiling_dbtp: number | null;
  /** Length of a chunk; 1 to 1000000000 */
  chunk_samples: number;
  /** In the order in which they are added up */
  tracks: Array<LiveTrack>;
  /** In the order in which they work */
  covers: Array<LiveCover>;
  /** Strips, buses, master */
  mix: Mix;
  ext?: Record<string, unknown>;
}

export interface LiveTrack {
  /** Its strip's key */
  id: string;
  /** For people */
  name: string;
  /** Whose chunks it is fed with */
  sound: string;
  /** Its bus */
  stem: Stem;
  /** What it is for */
  role: Role;
  /** Wish of its phase; the strip's pan adds to it; -1 to 1 */
  pan: number;
  /** Channels; 1 to 8 */
  channels: number;
  /** Outside there is silence, in samples */
  extent: [number, number];
  /** Where it has sound worth measuring, in samples */
  heard: Array<[number, number]>;
  ext?: Record<string, unknown>;
}

export interface Login {
  /** Name of the account; 0 to 64 */
  name: string;
  /** Its password; 0 to 256 */
  password: string;
  ext?: Record<string, unknown>;
}

export interface LoudnessCurve {
  /** Revision measured; 0 to 1000000000000000 */
  revision: number;
  /** Whether that is the newest */
  current: boolean;
  /** Seconds from value to value; 0 to 1000000 */
  step_s: number;
  /** Greatest of the step, over 400 ms */
  momentary_lufs: Array<number | null>;
  /** Greatest of the step, over 3 s */
  short_term_lufs: Array<number | null>;
  /** Of everything up to there */
  integrated_lufs: Array<number | null>;
  /** Integrated loudness */
  programme_lufs: number | null;
  /** Where somebody speaks */
  dialogue_lufs: number | null;
  /** Greatest of any 400 ms */
  max_momentary_lufs: number | null;
  /** Greatest of any 3 s */
  max_short_term_lufs: number | null;
  /** Loudness range */
  range_lu: number;
  /** True peak */
  true_peak_dbtp: number | null;
  /** Share of the film with speech; 0 to 1 */
  dialogue_share: number;
  /** Name of the specification */
  specification: string;
  /** What it asks for */
  target_lufs: number | null;
  /** How far from it passes */
  tolerance_lu: number;
  /** Greatest true peak */
  ceiling_dbtp: number | null;
  /** Whether the target is for dialogue */
  dialogue_gated: boolean;
  /** Whether all its checks pass */
  passed: boolean;
  /** What the specification asks for, as the report judges it */
  checks: Array<MixCheck>;
  /** Where somebody speaks, in samples */
  speech: Array<[number, number]>;
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

export interface MixCheck {
  /** Which figure */
  judged: Judged;
  /** Its name in the report */
  name: string;
  /** What is asked for, in words */
  limit: string;
  /** What was measured; no number: nothing could be */
  figure: number;
  /** Its unit */
  unit: string;
  /** Whether it passes */
  pass: boolean;
  ext?: Record<string, unknown>;
}

export interface Moment {
  /** The phase looked at */
  phase: string;
  /** Timecode */
  at: string;
  /** Sample */
  at_samples: number;
  /** Chunk of the cache */
  chunk: number;
  /** Outermost first; nothing where it is silent */
  made_of: Array<MomentStep>;
  /** Whether a build has been made */
  built: boolean;
  ext?: Record<string, unknown>;
}

export interface MomentStep {
  /** How far below what is heard */
  depth: number;
  /** Kind of signal */
  kind: string;
  /** Item of the session, or place in the cache */
  item: string;
  /** Its settings, for people */
  settings: string;
  /** What the last build did about it */
  last_build?: LastBuild;
  ext?: Record<string, unknown>;
}

export interface NewInvitation {
  /** The one role it gives */
  role: string;
  /** For an actor: the film; 0 to 200 */
  film: string;
  /** For an actor: one cue, by its id; 0 to 200 */
  cue: string;
  /** Whom it is for; 0 to 64 */
  name: string;
  /** How long it holds; 0.01 to 2160 */
  hours: number;
  /** How often it may be used; 1 to 100 */
  uses: number;
  ext?: Record<string, unknown>;
}

export interface NewRevision {
  /** That the edit made; the newest if it changed nothing */
  revision: number;
  ext?: Record<string, unknown>;
}

export interface NewUser {
  /** 1 to 64 characters; 0 to 64 */
  name: string;
  /** 10 to 256 bytes; 0 to 256 */
  password: string;
  /** owner, a phase, director or viewer */
  roles: Array<string>;
  ext?: Record<string, unknown>;
}

export interface Output {
  /** Below out/ */
  path: string;
  /** For people */
  title: string;
  /** Media type */
  type: string;
  /** When it was written (UTC) */
  modified_at: string;
  /** Size; 0 to 1e+18 */
  bytes: number;
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

export interface PasswordChange {
  /** The one that held until now; 0 to 256 */
  old_password: string;
  /** 10 to 256 bytes; 0 to 256 */
  new_password: string;
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

export interface PerformedHit {
  /** Cue it plays; empty: none */
  cue: string;
  /** Where the artist hit */
  played_samples: number;
  /** Where it is heard */
  heard_samples: number;
  /** Moved onto its cue by */
  moved_ms: number;
  /** RMS of its loudest 50 ms */
  level_dbfs: number;
  ext?: Record<string, unknown>;
}

export interface PerformedInfo {
  /** In order of time */
  hits: Array<PerformedHit>;
  /** Cues that it has no hit for */
  unplayed: Array<string>;
  /** Hits that no cue asks for */
  left_over: number;
  ext?: Record<string, unknown>;
}

export type PhaseState = "open" | "done" | "approved" | "stale";

export interface PictureInfo {
  /** The cut picture; empty for a film without one */
  media: string;
  /** Exact; the mean where variable */
  frame_rate: string;
  /** How many; 0 to 1000000000 */
  frames: number;
  /** Timecode of the first frame, in frames */
  start_frame: number;
  /** Until the last frame ends; 0 to 1000000000 */
  duration_s: number;
  /** Pixels as shot; 0 to 1000000 */
  width: number;
  /** Pixels as shot; 0 to 1000000 */
  height: number;
  /** Frames lie where their time stamps say: see picture/frames */
  variable_rate: boolean;
  /** Whether proxy.mp4 can be played */
  proxy_ready: boolean;
  /** How much of the proxy is made; 0 to 1 */
  proxy_share: number;
  /** Why there is none; empty if nothing went wrong */
  proxy_problem: string;
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

export type PreviewKind = "ambience" | "effect";

export interface PreviewRequest {
  /** What is heard */
  what: PreviewKind;
  /** A bed: of a recording, or synthesised */
  ambience?: AmbienceBed;
  /** A clip with its chain */
  effect?: EffectClip;
  /** How much of it; 0.05 to 30 */
  length_s: number;
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

export interface ProposalItem {
  /** Where it would stand in the document */
  path: string;
  /** Why */
  reason: string;
  /** How sure it is; 0 to 1 */
  confidence: number;
  /** Whether a build would take it */
  accepted: boolean;
  ext?: Record<string, unknown>;
}

export interface Proposals {
  /** Revision it was made on; 0 to 1000000000000000 */
  revision: number;
  /** Phase asked for; empty: all */
  phase: string;
  /** What is proposed, with its reasons */
  items: Array<ProposalItem>;
  /** What it was not sure enough of */
  findings: Array<BoardFinding>;
  /** JSON Patch, as a text, that takes all of it into that revision */
  patch: string;
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

export type Role = "speech" | "room_tone" | "production_effect" | "ambience" | "effect" | "footsteps" | "moves" | "specifics" | "score" | "diegetic_music";

export type Severity = "note" | "warning" | "error";

export interface SheetOutcome {
  /** Revision that holds it; 0 to 1000000000000000 */
  revision: number;
  /** Cues added */
  added: number;
  /** Cues changed */
  changed: number;
  /** Rows that could not be taken, with their lines */
  warnings: Array<string>;
  ext?: Record<string, unknown>;
}

export interface SoundInfo {
  /** mix, me, stem:..., bus:..., track:... or clip:PHASE/... */
  id: string;
  /** For people */
  name: string;
  /** That makes it */
  phase: string;
  /** What it is */
  kind: SoundKind;
  /** Channels; 1 to 64 */
  channels: number;
  /** Length of the film; 0 to 1000000000000000 */
  length_samples: number;
  /** How many chunks of 2^18 samples that is; 0 to 1000000000 */
  chunks: number;
  /** Of tracks: where there is sound; elsewhere they are silent */
  heard: Array<[number, number]>;
  ext?: Record<string, unknown>;
}

export type SoundKind = "mix" | "stem" | "bus" | "track";

export interface SpecificationInfo {
  /** Name in the session */
  id: string;
  /** Name for people */
  name: string;
  /** Where its figures stand */
  source: string;
  /** seen, quoted or general: how sure the figures are */
  standing: string;
  /** Loudness it asks for */
  target_lufs: number | null;
  /** How far off it passes */
  tolerance_lu: number;
  /** Greatest true peak */
  ceiling_dbtp: number | null;
  /** Whether the target is for dialogue */
  dialogue_gated: boolean;
  /** Target for the programme where there is hardly any dialogue */
  little_dialogue_lufs?: number | null;
  /** Greatest short-term loudness */
  max_short_term_lufs?: number | null;
  /** Greatest momentary loudness */
  max_momentary_lufs?: number | null;
  /** Greatest loudness range */
  greatest_range_lu?: number;
  ext?: Record<string, unknown>;
}

export interface SpliceInfo {
  /** Film position of the middle of its crossfade */
  at_samples: number;
  /** Second of the piece that is left */
  leave_s: number;
  /** Second that comes instead */
  enter_s: number;
  /** 0 to 1: of what would have come to what comes */
  likeness: number;
  /** Of the waveforms in the crossfade */
  correlation: number;
  /** Moved to align them */
  shift_ms: number;
  ext?: Record<string, unknown>;
}

export type Staleness = "not-approved" | "up-to-date" | "decision-changed" | "engine-changed";

export type Stem = "dialogue" | "adr" | "effects" | "foley" | "music";

export interface Stretch {
  /** Timecode of its start */
  in: string;
  /** Timecode of its end */
  out: string;
  /** First sample */
  in_samples: number;
  /** First sample behind it */
  out_samples: number;
  ext?: Record<string, unknown>;
}

export interface SyncMeasured {
  /** Media it was measured against */
  against: string;
  /** Where the file starts on that one's clock */
  offset_s: number;
  /** Its clock against that one's */
  drift_ppm: number;
  /** Half width, 95 % */
  offset_interval_ms: number;
  /** Of the windows about the line */
  residual_rms_ms: number;
  /** Probability that both heard the same moment */
  confidence: number;
  /** Height of the match */
  score: number;
  /** Correlation after the match */
  shared: number;
  /** Windows on the line */
  windows_used: number;
  /** Windows measured */
  windows_tried: number;
  /** Opposite polarity */
  inverted: boolean;
  /** Second-best offset */
  runner_up_offset_s?: number;
  /** Its height */
  runner_up_score?: number;
  /** What it rests on */
  reason: string;
  /** Stretches along the recording, 64 at most */
  windows: Array<SyncWindow>;
  ext?: Record<string, unknown>;
}

export interface SyncPlacement {
  /** Of the placement */
  id: string;
  /** The recording */
  media: string;
  /** Its name */
  name: string;
  /** Recorder or camera */
  device: string;
  /** Scene */
  scene: string;
  /** Take */
  take: string;
  /** waveform, timecode, edl or person */
  method: string;
  /** Second-best answer */
  runner_up: string;
  /** Why it lies there */
  reason: string;
  /** Stretch of film it belongs under */
  film: Span;
  /** Film second at which the file starts */
  offset_s: number;
  /** Its clock against the film's */
  drift_ppm: number;
  /** Half width, 95 % */
  drift_interval_ppm: number;
  /** How sure it is; 0 to 1 */
  confidence: number;
  /** Strength of the match */
  score: number;
  /** Whether a person decided it */
  by_person: boolean;
  /** Where it lies, start to end */
  line: Array<SyncPoint>;
  /** What sync measured, where that is known */
  measured: Array<SyncMeasured>;
  ext?: Record<string, unknown>;
}

export interface SyncPoint {
  /** Film position */
  film_samples: number;
  /** Second of the file heard there */
  source_s: number;
  /** By how much its clock is off since the start */
  drift_ms: number;
  ext?: Record<string, unknown>;
}

export interface SyncView {
  /** Revision; 0 to 1000000000000000 */
  revision: number;
  /** By film time */
  placements: Array<SyncPlacement>;
  /** Recordings that were not placed */
  refusals: Array<Refusal>;
  ext?: Record<string, unknown>;
}

export interface SyncWindow {
  /** Second of the file */
  source_s: number;
  /** By how much later than the line says the file has the sound */
  left_ms: number;
  /** Whether it stands out by itself and agrees with the line */
  on_line: boolean;
  ext?: Record<string, unknown>;
}

export interface TakeCheck {
  /** beeps, guide, level, capture, calibration */
  name: string;
  /** Nothing to worry about */
  ok: boolean;
  /** What was found, with the figure */
  text: string;
  ext?: Record<string, unknown>;
}

export interface TakeFinish {
  /** Of all bytes, 64 hexadecimal digits; 0 to 64 */
  sha256: string;
  /** How many were sent; 0 to 1000000000000 */
  frames: number;
  /** What the page saw go wrong while it recorded; at most 20 */
  suspect: Array<string>;
  /** Rating; 0 to 5 */
  stars: number;
  ext?: Record<string, unknown>;
}

export interface TakeFitInfo {
  /** The take */
  take: string;
  /** False: refused */
  same_words: boolean;
  /** 0 to 1: how alike they are along the path */
  score: number;
  /** Distance from the line as it was spoken, laid where it fits best */
  before_ms: number;
  /** Distance that 95 % of its speech stays within once stretched */
  after_ms: number;
  /** Most squeezed */
  least_stretch: number;
  /** Most drawn out */
  most_stretch: number;
  /** Of its speech */
  take_level_dbfs: number;
  /** The figures in a sentence */
  reason: string;
  /** Where it is heard */
  film: Span;
  /** Points of the map: seconds of the take */
  take_s: Array<number>;
  /** The same points: seconds of the line */
  line_s: Array<number>;
  ext?: Record<string, unknown>;
}

export type TakeFor = "adr" | "foley";

export type TakeFormat = "f32" | "s24";

export interface TakeOffset {
  /** Names the take in the server */
  id: string;
  /** Bytes the server holds: the next ones go here */
  offset_bytes: number;
  /** It is in the film; ask `finish` again for the result */
  finished: boolean;
  ext?: Record<string, unknown>;
}

export interface TakeResult {
  /** Id of the recording in the film */
  media: string;
  /** Id of the take, or of the Foley performance */
  item: string;
  /** Name shown to people */
  name: string;
  /** Of the WAV that was made */
  fingerprint: string;
  /** Of the session that has it */
  revision: number;
  /** Its length */
  frames: number;
  /** Film position of its first frame, corrected by the beeps where they were heard */
  at_samples: number;
  /** Where the beeps lie in the take against where the page's clock says; corrected for; empty where they were not heard */
  beep_error_ms?: number;
  /** Where the words lie against the guide, after that correction; positive is late; empty where it cannot be told */
  guide_error_ms?: number;
  /** How alike it is to the guide; 0 to 1 */
  fit: number;
  /** Listen before you trust its timing */
  suspect: boolean;
  /** What was looked at */
  checks: Array<TakeCheck>;
  ext?: Record<string, unknown>;
}

export interface TakeStart {
  /** A line, or a Foley performance */
  for: TakeFor;
  /** The ADR or Foley cue; for Foley it may be empty; 0 to 200 */
  cue: string;
  /** Foley pass */
  pass: FoleyPass;
  /** Little-endian, channels interleaved */
  format: TakeFormat;
  /** Of the page's sound; 8000 to 192000 */
  rate_hz: number;
  /** Channels; 1 to 2 */
  channels: number;
  /** Clock at the first frame that is sent; 0 to 1000000000000000 */
  first_frame: number;
  /** Clock at which the page played film position anchor_samples; 0 to 1000000000000000 */
  anchor_frame: number;
  /** That film position; -1000000000000 to 1000000000000000 */
  anchor_samples: number;
  /** From playing to recording, as calibrated or as the browser states; 0 to 2000 */
  latency_ms: number;
  /** Of the calibration; 0 to 2000 */
  latency_spread_ms: number;
  /** Measured by chirps on this device; else stated by the browser */
  calibrated: boolean;
  /** Pitch of the beeps; 100 to 8000 */
  beep_hz: number;
  /** Length of a beep; 5 to 500 */
  beep_ms: number;
  /** Clock at the start of each beep; at most 8 */
  beep_frames: Array<number>;
  /** Microphone; 0 to 200 */
  input: string;
  /** Headphones; 0 to 200 */
  output: string;
  /** Who is heard; 0 to 100 */
  performer: string;
  /** Anything else; 0 to 2000 */
  notes: string;
  ext?: Record<string, unknown>;
}

export interface User {
  /** Name of the account */
  name: string;
  /** Roles */
  roles: Array<string>;
  /** When it was made */
  created: string;
  /** Last request; empty: never */
  seen: string;
  /** Browsers that are logged in */
  sessions: number;
  ext?: Record<string, unknown>;
}

export interface UserChange {
  /** A new password; ends the account's sessions */
  password?: string;
  /** New roles */
  roles?: Array<string>;
  ext?: Record<string, unknown>;
}

export type Verb = "add" | "remove" | "replace" | "move" | "copy" | "test";

export interface WordControl {
  /** Key of the word */
  key: string;
  /** What it says */
  meaning: string;
  /** Words to choose from; none: the id of a media item */
  choices: Array<string>;
  ext?: Record<string, unknown>;
}
