import type { Document } from '$schema/types';
import {
  asProblem, LiveSocket, openFilmSocket, Problem, type Board, type Channel, type Connection, type FilmApi, type FilmSummary, type FromServer, type Job, type Me, type Patch, type PhaseName, type PictureInfo,
  type Presence,
} from '$lib/api';
import { Timecode, frameRate, samples, type FrameRate, type Samples } from '$lib/time';
import { t } from '$i18n';
import { acknowledged, arrived, due, edited, markSent, markUnsent, opened, refused, reopened, type FilmState, type Settled } from './film_state.ts';
import { difference } from './patch.ts';

export type Notify = (kind: 'note' | 'problem', text: string, remedy?: string) => void;

export interface FilmStoreOptions {
  api: FilmApi;
  me: Me;
  notify: Notify;
  open_socket?: (film: string) => Channel;
  /** Time of the clock, for ids. */
  id?: () => string;
}

const kFallbackRate: FrameRate = { numerator: 25, denominator: 1 };

/**
 * One film, opened: the document as this person sees it, and everything that lives beside it. Read the fields in components; they
 * change as a whole (the document is never changed in place). Call `close` when the film is left.
 */
export class FilmStore {
  readonly api: FilmApi;
  readonly me: Me;
  private readonly notify_: Notify;
  private readonly id_: () => string;
  private readonly socket_: LiveSocket;
  private state_ = $state.raw<FilmState>(opened({} as Document, -1));
  private presence_due_ = false;
  private where_: { page: string; at_samples: number; selection: string } = { page: '', at_samples: 0, selection: '' };
  private refetching_: Promise<void> | null = null;
  private readonly waiting_ = new Set<() => void>();
  private readonly off_: (() => void)[] = [];
  private readonly peaks_listeners_ = new Set<(media: string) => void>();

  readonly summary: FilmSummary;
  connection = $state.raw<Connection>('connecting');
  board = $state.raw<Board | null>(null);
  jobs = $state.raw<readonly Job[]>([]);
  present = $state.raw<readonly Presence[]>([]);
  /** Name of our own connection among those present. */
  private connection_ = $state('');
  picture = $state.raw<PictureInfo | null>(null);

  /** Opens a film: resolves when the document is there. */
  static async open(options: FilmStoreOptions): Promise<FilmStore> {
    const film = await options.api.open();
    return new FilmStore(options, film.document, film.revision, film.summary);
  }

  private constructor(options: FilmStoreOptions, document: Document, revision: number, summary: FilmSummary) {
    this.api = options.api;
    this.me = options.me;
    this.notify_ = options.notify;
    this.id_ = options.id ?? (() => crypto.randomUUID());
    this.state_ = opened(document, revision);
    this.summary = summary;
    const open = options.open_socket ?? openFilmSocket;
    this.socket_ = new LiveSocket({
      open: () => open(options.api.name),
      received: (message) => this.received(message),
      changed: (state) => this.connectionChanged(state),
    });
    void this.refreshBoard();
    void this.refreshJobs();
    options.api.picture().then((info) => (this.picture = info), () => (this.picture = null));
  }

  close(): void {
    this.socket_.close();
    for (const off of this.off_) off();
    this.peaks_listeners_.clear();
  }

  get document(): Document {
    return this.state_.shown;
  }
  get revision(): number {
    return this.state_.revision;
  }
  /** Edits that are shown but not yet durable. */
  get unsaved(): number {
    return this.state_.pending.filter(({ revision }) => revision === null).length;
  }
  get rate_hz(): number {
    return this.document.rate_hz;
  }
  get frame_rate(): FrameRate {
    return frameRate(this.document.frame_rate) ?? kFallbackRate;
  }
  get timecode(): Timecode {
    return new Timecode({ rate: this.frame_rate, drop: this.document.drop_frame, start: this.document.start_frame }, this.rate_hz);
  }
  get length(): Samples {
    return samples(this.document.picture.length_samples);
  }

  /** "approve", "edit:mix"; "edit": any part of the film. */
  may(right: string): boolean {
    return this.me.rights.some((held) => held === '*' || held === right || (right === 'edit' && held.startsWith('edit:')));
  }

  // --- Edits -------------------------------------------------------------------------------------

  /** Shows a change at once and sends it. False, with a word to the person, where it does not fit the document. */
  edit(reason: string, patch: Patch): boolean {
    if (patch.length === 0) return true;
    try {
      this.state_ = edited(this.state_, this.id_(), reason, patch);
    } catch (error) {
      this.notify_('problem', asProblem(error).message);
      return false;
    }
    this.sendDue();
    return true;
  }

  /** The edit that turns the present document into `after`; makes the smallest patch of it. */
  change(reason: string, after: (document: Document) => Document): boolean {
    return this.edit(reason, difference(this.document, after(this.document)));
  }

  /** Resolves when everything shown is durable; with a lost connection, when it is back. */
  saved(): Promise<void> {
    if (this.unsaved === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting_.add(resolve));
  }

  /** Resolves when what somebody (the server, mostly) has done is here, or after a while without it. */
  arrived(here: (document: Document) => boolean, most_ms = 10000): Promise<void> {
    return new Promise((resolve) => {
      const began = performance.now();
      const look = (): void => {
        if (here(this.document) || performance.now() - began > most_ms) resolve();
        else setTimeout(look, 50);
      };
      look();
    });
  }

  async undo(): Promise<void> {
    await this.takeBack(() => this.api.undo());
  }
  async redo(): Promise<void> {
    await this.takeBack(() => this.api.redo());
  }
  private async takeBack(ask: () => Promise<{ revision: number }>): Promise<void> {
    await this.saved();
    await this.told(ask);
  }

  // --- What lives beside the document ------------------------------------------------------------

  async refreshBoard(): Promise<void> {
    try {
      this.board = await this.api.board();
    } catch (error) {
      if (!asProblem(error).offline) this.complain(error);
    }
  }
  async refreshJobs(): Promise<void> {
    try {
      this.jobs = await this.api.jobs();
    } catch (error) {
      if (!asProblem(error).offline) this.complain(error);
    }
  }
  async approve(phase: PhaseName, note: string, withdraw = false): Promise<void> {
    await this.saved();
    await this.told(() => this.api.approve(phase, note, withdraw));
    await this.refreshBoard();
  }
  async startJob(kind: 'build' | 'spot', phase?: PhaseName): Promise<void> {
    await this.saved();
    const job = await this.told(() => this.api.startJob(kind, phase));
    if (job) this.putJob(job);
  }
  async cancelJob(id: string): Promise<void> {
    await this.told(() => this.api.cancelJob(id));
  }
  async addFile(file: File, kind: string): Promise<string | null> {
    const added = await this.told(() => this.api.addFile(file, file.name, kind));
    return added ? added.media : null;
  }

  /** Says where this person is; goes out at most ten times a second. */
  at(where: Partial<{ page: string; at_samples: number; selection: string }>): void {
    this.where_ = { ...this.where_, ...where };
    if (this.presence_due_) return;
    this.presence_due_ = true;
    setTimeout(() => {
      this.presence_due_ = false;
      this.socket_.send({ type: 'presence', ...this.where_ });
    }, 100);
  }
  get others(): readonly Presence[] {
    return this.present.filter(({ id }) => id !== this.connection_);
  }

  /** Calls back when the peaks of a media file or sound have been made. */
  onPeaks(listener: (media: string) => void): () => void {
    this.peaks_listeners_.add(listener);
    return () => this.peaks_listeners_.delete(listener);
  }

  /** Tries the connection now. */
  reconnect(): void {
    this.socket_.retry();
  }

  // --- The live socket ---------------------------------------------------------------------------

  private connectionChanged(state: Connection): void {
    this.connection = state;
    if (state === 'waiting') this.state_ = markUnsent(this.state_);
  }

  private received(message: FromServer): void {
    switch (message.type) {
      case 'hello':
        this.present = message.present;
        this.connection_ = message.you;
        if (message.revision > this.revision) this.catchUp();
        else this.sendDue();
        this.at({});
        void this.refreshBoard();
        void this.refreshJobs();
        break;
      case 'edit':
        this.take(arrived(this.state_, message, this.me.name));
        break;
      case 'edited':
        this.take(acknowledged(this.state_, message.id, message.revision));
        break;
      case 'refused': {
        const { settled, edit } = refused(this.state_, message.id, message.problem);
        this.take(settled);
        if (edit) this.notify_('problem', message.problem.detail || message.problem.title, message.problem.remedy);
        break;
      }
      case 'presence':
        this.present = message.present;
        break;
      case 'job':
        this.putJob(message.job);
        break;
      case 'board':
        void this.refreshBoard();
        break;
      case 'peaks':
        for (const listener of this.peaks_listeners_) listener(message.media);
        break;
      case 'picture':
        this.picture = message.info;
        break;
      case 'lagged':
        if (message.revision === 0) this.catchUp();
        else void this.refetch();
        break;
    }
  }

  private take(settled: Settled | null): void {
    if (!settled) {
      this.catchUp();
      return;
    }
    this.state_ = settled.state;
    for (const edit of settled.dropped) this.notify_('problem', t.shell.collided(edit.reason));
    if (this.unsaved === 0) {
      for (const resolve of this.waiting_) resolve();
      this.waiting_.clear();
    }
    this.sendDue();
  }

  private sendDue(): void {
    const edit = due(this.state_);
    if (edit && this.socket_.send({ type: 'edit', id: edit.id, base_revision: this.revision, reason: edit.reason, patch: edit.patch })) this.state_ = markSent(this.state_, edit.id);
  }

  private catchUp(): void {
    this.socket_.send({ type: 'catch-up', revision: this.revision });
  }

  /** Takes the whole document anew: after an error of ours, never in the usual course. */
  refetch(): Promise<void> {
    this.refetching_ ??= this.api
      .open()
      .then((film) => this.take(reopened(this.state_, film.document, film.revision)))
      .catch((error: unknown) => this.complain(error))
      .finally(() => (this.refetching_ = null));
    return this.refetching_;
  }

  private putJob(job: Job): void {
    const known = this.jobs.some(({ id }) => id === job.id);
    this.jobs = known ? this.jobs.map((other) => (other.id === job.id ? job : other)) : [job, ...this.jobs];
  }

  private async told<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      this.complain(error);
      return null;
    }
  }
  private complain(error: unknown): void {
    const problem: Problem = asProblem(error);
    this.notify_('problem', problem.message, problem.remedy);
  }
}
