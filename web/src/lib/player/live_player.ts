import { Output, type Meters } from '$lib/live';
import type { Part } from '$lib/live';
import type { FilmStore } from '$lib/store';
import { samples, type FrameRate, type Samples } from '$lib/time';
import { t } from '$i18n';
import type { Anchor } from '$lib/live';
import { lockPicture } from './picture.ts';
import type { Listening, Player, PlayerEvents, PlayerState } from './types.ts';

const kFastest = 8;
const inDecibels = (gain: number): number => 20 * Math.log10(gain);

/** Sound and picture of a film: the live mix or one of the server's sounds, through one worklet. The sound's clock leads. */
export class LivePlayer implements Player {
  private readonly film_: FilmStore;
  private readonly rate_: FrameRate;
  private readonly listeners_: { [Event in keyof PlayerEvents]: Set<(value: PlayerEvents[Event]) => void> } = {
    state: new Set(), position: new Set(), shuttle: new Set(), listening: new Set(), failed: new Set(),
  };
  private newest_: Meters | null = null;
  private readonly meters_ = new Set<(meters: Meters) => void>();
  private output_: Output | null = null;
  private opening_: Promise<Output> | null = null;
  private state_: PlayerState = 'idle';
  private listening_: Listening = 'live';
  private speed_ = 0;
  private at_ = 0;
  private turn_ = 0;
  private anchor_: Anchor | null = null;
  private loop_: { in_samples: Samples; out_samples: Samples; again: boolean } | null = null;
  private monitor_ = 1;
  private closed_ = false;
  private readonly when_closed_: (() => void)[] = [];
  /** Starts only where the mix is exact, which takes a second or two; otherwise it becomes exact while it plays. */
  exact_starts = false;
  /** Errors of the picture's lock in seconds, newest last, for whoever looks; each is also an event "lock" of the picture. */
  readonly lock_errors: number[] = [];

  constructor(film: FilmStore, rate: FrameRate) {
    this.film_ = film;
    this.rate_ = rate;
  }

  get state(): PlayerState {
    return this.state_;
  }
  get listening(): Listening {
    return this.listening_;
  }
  get speed(): number {
    return this.speed_;
  }

  position(): Samples {
    return this.heard(performance.now());
  }
  private heard(performance_ms: number): Samples {
    const anchor = this.anchor_;
    if (!anchor || !this.output_ || anchor.anchor !== this.turn_ || anchor.speed === 0) return samples(this.at_);
    const frames = this.output_.heardFrame(performance_ms) - anchor.frame;
    // Until the anchor's own frame is heard, what was there before it stands.
    const at = anchor.at + Math.max(0, frames) * anchor.speed;
    return samples(Math.min(this.film_.length, Math.max(0, at)));
  }

  async play(): Promise<void> {
    await this.run(1, this.position() >= this.film_.length ? 0 : this.position());
  }
  pause(): void {
    void this.run(0, this.position());
  }
  seek(at: Samples): void {
    const to = Math.min(this.film_.length, Math.max(0, at));
    void this.run(this.speed_, to);
    this.emit('position', samples(to));
  }
  loop(range: { in_samples: Samples; out_samples: Samples; again: boolean } | null): void {
    this.loop_ = range;
    this.output_?.loop(range);
    if (range) this.seek(range.in_samples);
  }
  shuttle(step: -1 | 0 | 1): void {
    const at = this.position();
    const turned = this.speed_ * step < 0;
    const speed = step === 0 || turned ? 0 : step * Math.min(kFastest, Math.abs(this.speed_) < 1 ? 1 : Math.abs(this.speed_) * 2);
    void this.run(speed, at);
    this.emit('shuttle', this.speed_);
  }
  listen(to: Listening): void {
    this.listening_ = to;
    this.emit('listening', to);
    if (this.speed_ !== 0) void this.run(this.speed_, this.position());
  }
  monitor(level_db: number): void {
    this.monitor_ = 10 ** (level_db / 20);
    this.output_?.monitor(this.monitor_);
  }

  /** Settings of the mix as they are while somebody moves them: heard at once, before they are an edit. Give the whole strip, bus or master. */
  setLive(part: Part, id: string, value: unknown): void {
    this.output_?.set(part, id, value);
  }
  /** Some 30 times a second while the sound runs. */
  onMeters(listener: (meters: Meters) => void): () => void {
    this.meters_.add(listener);
    return () => this.meters_.delete(listener);
  }
  /** Levels of a channel of the mixer ("track:ID", "bus:dialogue", "master"), of the newest meters. Null before anything was heard. */
  levels(channel: string): { peaks_dbfs: readonly number[]; reduction_db: number } | null {
    const meters = this.newest_;
    if (!meters || this.speed_ !== 1) return null;
    const of = (peaks: readonly number[], gain: number): { peaks_dbfs: readonly number[]; reduction_db: number } => ({ peaks_dbfs: peaks.map(inDecibels), reduction_db: Math.max(0, -inDecibels(gain)) });
    const [kind = '', id = ''] = [channel.slice(0, channel.indexOf(':')), channel.slice(channel.indexOf(':') + 1)];
    if (kind === 'track' || kind === 'bus') {
      const level = (kind === 'track' ? meters.tracks : meters.buses)[id];
      return level ? of([level.peak], level.gain) : null;
    }
    return of(meters.mix, meters.compressor);
  }
  /** Some settings of a channel, heard while a hand still moves them. */
  adjust(channel: string, change: Readonly<Record<string, unknown>>): void {
    const { mix } = this.film_.document;
    const id = channel.slice(channel.indexOf(':') + 1);
    if (channel.startsWith('track:')) this.setLive('strip', id, { ...mix.strips[id], ...change });
    else if (channel.startsWith('bus:')) this.setLive('bus', id, { ...mix.buses[id], ...change });
    else this.setLive('master', '', { ...mix.master, ...change });
  }
  resetLoudness(): void {
    this.output_?.resetLoudness();
  }
  /** The film was compiled anew (an edit of its phases): tracks and covers are asked for again. What is heard goes on. */
  async refresh(): Promise<void> {
    try {
      if (this.output_) this.output_.mix(await this.film_.api.get('/live'));
    } catch (error) {
      this.failed(error);
    }
  }
  whenClosed(end: () => void): void {
    this.when_closed_.push(end);
  }
  get output(): Output | null {
    return this.output_;
  }

  attachPicture(picture: HTMLVideoElement): () => void {
    return lockPicture(picture, { heard: (ms) => this.heard(ms), running: () => this.speed_ === 1 && this.anchor_?.anchor === this.turn_ && this.anchor_.speed === 1 }, this.rate_, this.film_.rate_hz, (error) => {
      this.lock_errors.push(error);
      picture.dispatchEvent(new CustomEvent('lock', { detail: error }));
      if (this.lock_errors.length > 100_000) this.lock_errors.splice(0, 50_000);
    });
  }
  on<Event extends keyof PlayerEvents>(event: Event, listener: (value: PlayerEvents[Event]) => void): () => void {
    this.listeners_[event].add(listener);
    return () => this.listeners_[event].delete(listener);
  }
  close(): void {
    this.closed_ = true;
    for (const end of this.when_closed_.splice(0)) end();
    for (const listeners of Object.values(this.listeners_)) listeners.clear();
    this.meters_.clear();
    this.output_?.close();
    this.output_ = null;
  }

  private open(): Promise<Output> {
    this.opening_ ??= Output.open(this.film_.api).then((output) => {
      if (this.closed_) {
        output.close();
        throw new Error('closed');
      }
      this.output_ = output;
      output.monitor(this.monitor_);
      output.loop(this.loop_);
      output.on('anchor', (anchor) => this.anchored(anchor));
      output.on('ended', (at) => void this.run(0, at));
      output.on('meters', (meters) => {
        this.newest_ = meters;
        for (const listener of this.meters_) listener(meters);
      });
      output.on('failed', (error) => this.failed(error));
      return output;
    });
    this.opening_.catch(() => (this.opening_ = null));
    return this.opening_;
  }

  private async run(speed: number, at: number): Promise<void> {
    const turn = ++this.turn_;
    this.speed_ = speed;
    this.at_ = at;
    if (speed === 0) {
      this.output_?.stop(turn);
      this.become('paused');
      return;
    }
    this.become('loading');
    try {
      const output = await this.open();
      if (output.context.state !== 'running') await output.context.resume();
      if (turn !== this.turn_) return;
      // The live mix runs at its own speed only; the server's mix is heard at others.
      const source = this.listening_ === 'live' && speed !== 1 ? 'mix' : this.listening_;
      output.play(at, speed, source, this.film_.length, turn, this.exact_starts);
    } catch (error) {
      if (turn === this.turn_) this.failed(error);
    }
  }

  private anchored(anchor: Anchor): void {
    if (anchor.anchor !== this.turn_) return;
    this.anchor_ = anchor;
    this.at_ = anchor.at;
    this.become(anchor.waiting ? 'loading' : 'playing');
  }
  private failed(error: unknown): void {
    if (this.closed_) return;
    const message = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : t.shell.player_remedy;
    this.emit('failed', { message, remedy });
    if (this.state_ === 'loading') this.become('failed');
  }
  private become(state: PlayerState): void {
    if (state === this.state_) return;
    this.state_ = state;
    this.emit('state', state);
    this.emit('position', this.position());
  }
  private emit<Event extends keyof PlayerEvents>(event: Event, value: PlayerEvents[Event]): void {
    for (const listener of this.listeners_[event]) listener(value);
  }
}
