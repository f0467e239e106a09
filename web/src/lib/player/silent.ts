import { frameMiddle, frameOfSample, samples, type FrameRate, type Samples } from '$lib/time';
import type { Listening, Player, PlayerEvents, PlayerState } from './types.ts';

type Listeners = { [Event in keyof PlayerEvents]: Set<(value: PlayerEvents[Event]) => void> };

/** Keeps time by the clock of the page, without sound: for films that nothing was rendered of yet, and for browsers without Web Audio. */
export class SilentPlayer implements Player {
  private readonly length_: Samples;
  private readonly rate_hz_: number;
  private readonly frames_: FrameRate;
  private readonly now_: () => number;
  private readonly listeners_: Listeners = { state: new Set(), position: new Set(), shuttle: new Set(), listening: new Set(), failed: new Set() };
  private from_ = 0;
  private since_ = 0;
  private speed_ = 0;
  private listening_: Listening = 'mix';
  private loop_: { in_samples: Samples; out_samples: Samples; again: boolean } | null = null;

  constructor(length: Samples, rate_hz: number, frames: FrameRate, now: () => number = () => performance.now()) {
    this.length_ = length;
    this.rate_hz_ = rate_hz;
    this.frames_ = frames;
    this.now_ = now;
  }

  get state(): PlayerState {
    return this.speed_ === 0 ? 'paused' : 'playing';
  }
  get listening(): Listening {
    return this.listening_;
  }
  get speed(): number {
    return this.speed_;
  }
  position(): Samples {
    const moved = ((this.now_() - this.since_) / 1000) * this.rate_hz_ * this.speed_;
    const at = Math.min(this.length_, Math.max(0, this.from_ + moved));
    const loop = this.loop_;
    if (loop && this.speed_ > 0 && at >= loop.out_samples) {
      if (!loop.again) {
        this.run(0, loop.out_samples);
        return loop.out_samples;
      }
      this.run(this.speed_, loop.in_samples);
      return loop.in_samples;
    }
    if (this.speed_ !== 0 && (at === this.length_ || (at === 0 && this.speed_ < 0))) this.run(0, at);
    return samples(at);
  }

  play(): Promise<void> {
    const at = this.position();
    this.run(1, at >= this.length_ ? 0 : at);
    return Promise.resolve();
  }
  pause(): void {
    this.run(0, this.position());
  }
  seek(at: Samples): void {
    this.run(this.speed_, Math.min(this.length_, Math.max(0, at)));
    this.emit('position', this.position());
  }
  loop(range: { in_samples: Samples; out_samples: Samples; again: boolean } | null): void {
    this.loop_ = range;
    if (range) this.seek(range.in_samples);
  }
  shuttle(step: -1 | 0 | 1): void {
    const faster = (speed: number): number => Math.min(8, speed < 1 ? 1 : speed * 2);
    const at = this.position();
    if (step === 0) this.run(0, at);
    else if (this.speed_ * step < 0) this.run(0, at);
    else this.run(step * faster(Math.abs(this.speed_)), at);
    this.emit('shuttle', this.speed_);
  }
  listen(to: Listening): void {
    this.listening_ = to;
    this.emit('listening', to);
  }
  monitor(_level_db: number): void {
    // Nothing is heard.
  }

  attachPicture(picture: HTMLVideoElement): () => void {
    picture.muted = true;
    let running = true;
    const follow = (): void => {
      if (!running) return;
      const at = this.position() / this.rate_hz_;
      if (this.speed_ === 1) {
        if (picture.paused) void picture.play().catch(() => undefined);
        if (Math.abs(picture.currentTime - at) > 0.25) picture.currentTime = at;
      } else {
        if (!picture.paused) picture.pause();
        const middle = frameMiddle(frameOfSample(this.position(), this.frames_, this.rate_hz_), this.frames_);
        if (!picture.seeking && Math.abs(picture.currentTime - middle) > 1e-4) picture.currentTime = middle;
      }
      requestAnimationFrame(follow);
    };
    requestAnimationFrame(follow);
    return () => {
      running = false;
      picture.pause();
    };
  }
  on<Event extends keyof PlayerEvents>(event: Event, listener: (value: PlayerEvents[Event]) => void): () => void {
    this.listeners_[event].add(listener);
    return () => this.listeners_[event].delete(listener);
  }
  close(): void {
    for (const listeners of Object.values(this.listeners_)) listeners.clear();
  }

  private run(speed: number, from: number): void {
    const was = this.state;
    this.from_ = from;
    this.since_ = this.now_();
    this.speed_ = speed;
    if (this.state !== was) {
      this.emit('state', this.state);
      this.emit('position', samples(from));
    }
  }
  private emit<Event extends keyof PlayerEvents>(event: Event, value: PlayerEvents[Event]): void {
    for (const listener of this.listeners_[event]) listener(value);
  }
}
