/** Runs on the sound card's clock: the live mix, or one of the server's sounds. Loaded by output.ts. */
import { Engine, kBlock, kReady, kStarved, Mixer } from './engine.ts';
import type { FromWorklet, LoopRange, ToWorklet } from './messages.ts';
import { QuantumClock } from './quantum_clock.ts';
import { SoundSource } from './sound_source.ts';

declare const currentFrame: number;
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, made: new (options: { processorOptions: { module: WebAssembly.Module } }) => AudioWorkletProcessor): void;

/** Run-up before anything is heard: frames a quantum. */
const kRunUp = 4096;
/** Work in the background while sound plays, in blocks a quantum: as much as leaves the sound's thread half of its time. */
const kBackgroundRunUp = 8 * kBlock;
const kLeastBackground = 1;
const kMostBackground = 32;
const kLevelsEvery = 1 / 30;

class LiveProcessor extends AudioWorkletProcessor {
  private readonly engine_: Engine;
  private readonly clock_ = new QuantumClock();
  /** Of the quantum that is being made. */
  private frame_ = 0;
  private mixer_: Mixer | null = null;
  private mix_ = 0;
  /** A film compiled anew, running up beside the sound for the place where it takes over. */
  private next_: { mixer: Mixer; mix: number; from: number } | null = null;
  private mixes_ = 0;
  private sounds_: SoundSource | null = null;
  private source_ = 'live';
  private at_ = 0;
  private speed_ = 0;
  private length_ = Infinity;
  private anchor_ = 0;
  private waiting_ = false;
  private stopping_ = false;
  private said_exact_ = false;
  private loop_: LoopRange | null = null;
  private monitor_ = 1;
  private gain_ = 0;
  private levels_due_ = 0;
  private wanted_due_ = 0;
  private busy_ms_ = 0;
  private late_ = 0;
  private load_ = 0;
  private load_from_ = 0;
  private background_ = 4;

  constructor(options: { processorOptions: { module: WebAssembly.Module } }) {
    super();
    this.engine_ = new Engine(options.processorOptions.module);
    this.port.onmessage = (event: MessageEvent<ToWorklet>) => this.guarded(() => this.received(event.data));
  }

  private say(message: FromWorklet, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.speed_ = 0;
      this.say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private received(message: ToWorklet): void {
    switch (message.type) {
      case 'mix':
        ++this.mixes_;
        this.next_?.mixer.close();
        this.next_ = null;
        if (message.json !== null) {
          this.next_ = { mixer: new Mixer(this.engine_, message.json), mix: this.mixes_, from: 0 };
          if (this.mixer_ && this.speed_ !== 0 && this.source_ === 'live') this.aim();
          else this.take();
        }
        break;
      case 'play':
        this.take();
        this.at_ = message.at;
        this.length_ = message.length;
        this.source_ = message.source;
        this.speed_ = message.speed;
        this.anchor_ = message.anchor;
        this.waiting_ = true;
        this.stopping_ = false;
        this.gain_ = 0;
        if (this.source_ === 'live') {
          this.at_ = Math.round(this.at_);
          this.mixer_?.seek(this.at_, message.exact ? 'exact' : 'settled');
          if (this.loop_?.again) this.mixer_?.prepare(this.loop_.in_samples);
        } else if (this.sounds_?.sound !== this.source_) this.sounds_ = new SoundSource(this.source_);
        this.wanted_due_ = 0;
        break;
      case 'stop':
        this.stopping_ = true;
        this.anchor_ = message.anchor;
        break;
      case 'loop':
        this.loop_ = message.range && message.range.out_samples > message.range.in_samples ? message.range : null;
        if (this.loop_?.again && this.speed_ !== 0 && this.source_ === 'live') this.mixer_?.prepare(this.loop_.in_samples);
        break;
      case 'track-chunk':
        if (message.mix === this.mix_) this.mixer_?.handOver(message.chunk, message.samples);
        else if (message.mix === this.next_?.mix) this.next_.mixer.handOver(message.chunk, message.samples);
        break;
      case 'sound-chunk':
        if (this.sounds_?.sound === message.chunk.sound) this.sounds_.handOver(message.chunk.chunk, message.channels, message.samples);
        break;
      case 'forget':
        this.mixer_?.forget(message.track);
        break;
      case 'forget-sounds':
        if (this.sounds_) this.sounds_ = new SoundSource(this.sounds_.sound);
        break;
      case 'set':
        this.mixer_?.set(message.part, message.id, message.value);
        this.next_?.mixer.set(message.part, message.id, message.value);
        break;
      case 'monitor':
        this.monitor_ = message.gain;
        break;
    }
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const began = Date.now();
    const out = outputs[0] ?? [];
    const frames = out[0]?.length ?? 128;
    this.frame_ = this.clock_.tick(currentFrame, frames);
    this.guarded(() => {
      for (let done = 0; done < frames && this.speed_ !== 0; ) {
        const count = this.stretch(out, done, Math.min(kBlock, frames - done));
        if (count === 0) break;
        done += Math.max(0, count);
      }
      this.level(out, frames);
      this.report();
    });
    const took = Date.now() - began;
    this.busy_ms_ += took;
    if (took > (1000 * frames) / sampleRate + 1) ++this.late_;
    return true;
  }

  /** Sound up to the next jump: so many frames; 0 where it is not there yet, less where it has just jumped. */
  private stretch(out: readonly Float32Array[], from: number, frames: number): number {
    const loop = this.loop_;
    let count = frames;
    if (this.speed_ > 0) {
      const end = loop && this.at_ <= loop.out_samples ? Math.min(loop.out_samples, this.length_) : this.length_;
      if (this.at_ >= end) return this.reached(end);
      count = Math.max(1, Math.min(count, Math.ceil((end - this.at_) / this.speed_)));
    } else if (this.at_ < 0) return this.reached(0);
    const there = this.source_ === 'live' ? this.live(out, from, count) : (this.sounds_?.render(out, from, count, this.at_, this.speed_) ?? false);
    if (there === this.waiting_) {
      this.waiting_ = !there;
      this.say({ type: 'anchor', anchor: this.anchor_, frame: this.frame_ + from, at: this.at_, speed: there ? this.speed_ : 0, waiting: !there, exact: this.mixer_?.exact ?? false });
    }
    if (!there) return 0;
    this.at_ += this.speed_ * count;
    return count;
  }

  /** The next mixer is to take over a second from here. */
  private aim(): void {
    if (!this.next_) return;
    this.next_.from = Math.ceil((this.at_ + sampleRate) / kBlock) * kBlock;
    this.next_.mixer.seek(this.next_.from, 'settled');
  }
  /** Lets it take over; the old one goes. */
  private take(): void {
    if (!this.next_) return;
    if (this.mixer_) {
      const loudness = this.mixer_.loudness();
      if (loudness.length > 0) this.say({ type: 'loudness', loudness }, [loudness.buffer]);
      this.next_.mixer.measureAfter(this.mixer_);
      this.mixer_.close();
    }
    this.mixer_ = this.next_.mixer;
    this.mix_ = this.next_.mix;
    this.next_ = null;
  }
  /** Runs the next mixer up; true where it can take over at `at`. */
  private prepareNext(at: number): boolean {
    if (!this.next_) return false;
    const ready = this.next_.mixer.runUp(kBackgroundRunUp) === kReady && this.next_.mixer.wanted().length === 0;
    if (at < this.next_.from) return false;
    if (ready && at === this.next_.from) return true;
    this.aim();
    return false;
  }

  private live(out: readonly Float32Array[], from: number, count: number): boolean {
    if (this.next_ && this.prepareNext(this.at_)) this.take();
    const mixer = this.mixer_;
    if (!mixer) return false;
    if (mixer.runUp(kRunUp) !== kReady) return false;
    if (mixer.render(out, from, count) === kStarved) return false;
    for (let block = 0; block < this.background_ && mixer.trueUp(kBlock); ++block);
    if (mixer.exact !== this.said_exact_) {
      this.said_exact_ = mixer.exact;
      this.say({ type: 'anchor', anchor: this.anchor_, frame: this.frame_ + from, at: this.at_, speed: this.speed_, waiting: false, exact: mixer.exact });
    }
    return true;
  }

  /** The end of the film, of the sound, or of the loop. */
  private reached(end: number): number {
    const loop = this.loop_;
    if (loop?.again && this.speed_ > 0 && end === loop.out_samples) {
      this.at_ = loop.in_samples;
      this.waiting_ = true;
      if (this.source_ === 'live') {
        this.mixer_?.seek(this.at_, 'settled');
        this.mixer_?.prepare(this.at_);
      }
      return -1;
    }
    this.speed_ = 0;
    this.say({ type: 'ended', at: end });
    return 0;
  }

  private level(out: readonly Float32Array[], frames: number): void {
    // In and out within a quantum, so that starts, stops and the monitors' level make no click. At 1 the samples stay what they are.
    const goal = this.stopping_ || this.speed_ === 0 || this.waiting_ ? 0 : this.monitor_;
    const step = (goal - this.gain_) / frames;
    const steady = this.gain_ === goal;
    for (const channel of out)
      if (channel && !(steady && goal === 1)) for (let i = 0; i < frames; ++i) channel[i] = (channel[i] ?? 0) * (steady ? goal : this.gain_ + step * (i + 1));
    this.gain_ = goal;
    if (this.stopping_) this.speed_ = 0;
    this.stopping_ = false;
  }

  private report(): void {
    const now = this.frame_ / sampleRate;
    if (now >= this.wanted_due_) {
      this.wanted_due_ = now + 0.05;
      if (this.source_ === 'live') {
        const chunks = [...(this.mixer_?.wanted() ?? []).map((chunk) => ({ ...chunk, mix: this.mix_ })), ...(this.next_?.mixer.wanted() ?? []).map((chunk) => ({ ...chunk, mix: this.next_?.mix ?? 0 }))];
        if (chunks.length > 0) this.say({ type: 'wanted', chunks });
      } else if (this.speed_ !== 0) {
        const chunks = this.sounds_?.wanted(this.at_, this.speed_, this.length_) ?? [];
        if (chunks.length > 0) this.say({ type: 'wanted-sounds', chunks });
      }
    }
    if (now < this.levels_due_) return;
    this.levels_due_ = now + kLevelsEvery;
    if (now - this.load_from_ >= 1) {
      this.load_ = this.busy_ms_ / (1000 * (now - this.load_from_));
      this.busy_ms_ = 0;
      this.load_from_ = now;
      if (this.load_ < 0.3) this.background_ = Math.min(kMostBackground, this.background_ * 2);
      else if (this.load_ > 0.6) this.background_ = Math.max(kLeastBackground, this.background_ >> 1);
    }
    const levels = this.mixer_?.levels() as Float32Array<ArrayBuffer> | undefined;
    const loudness = this.mixer_?.loudness();
    if (levels && loudness) this.say({ type: 'levels', levels, loudness, mix: this.mix_, exact: this.mixer_?.exact ?? false, load: this.load_, late: this.late_ }, [levels.buffer, loudness.buffer]);
  }
}

registerProcessor('twopop-live', LiveProcessor);
