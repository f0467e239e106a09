/** The engine's mixing code as WebAssembly (web/wasm/live.cpp), for the worklet, for pages, and for tests. Needs no DOM. */

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize?(): void;
  twopop_allocate(bytes: number): number;
  twopop_free(at: number): void;
  twopop_text(): number;
  twopop_text_length(): number;
  live_open(json: number, length: number): number;
  live_close(mixer: number): void;
  live_channels(mixer: number): number;
  live_hand_over(mixer: number, track: number, chunk: number): number;
  live_hand_over_silence(mixer: number, track: number, chunk: number): void;
  live_forget(mixer: number, track: number): void;
  live_held_bytes(mixer: number): number;
  live_wanted(mixer: number): number;
  live_wanted_list(): number;
  live_seek(mixer: number, at: number, exact: number): void;
  live_prepare(mixer: number, at: number): void;
  live_position(mixer: number): number;
  live_run_up(mixer: number, frames: number): number;
  live_render(mixer: number, out: number, frames: number): number;
  live_true_up(mixer: number, frames: number): number;
  live_exact(mixer: number): number;
  live_set(mixer: number, what: number, id: number, id_length: number, json: number, length: number): number;
  live_levels(mixer: number): number;
  live_levels_list(): number;
  live_loudness(mixer: number): number;
  live_loudness_list(): number;
  live_measured(mixer: number): number;
  live_measure_from(mixer: number, at: number): void;
  meter_open(): number;
  meter_close(meter: number): void;
  meter_append(meter: number, from: number, length: number): number;
  meter_figures(meter: number): number;
  curve_eq(json: number, length: number, frequencies: number, count: number, rate_hz: number): number;
  curve_compressor(json: number, length: number, levels: number, count: number): number;
  curve_expander(json: number, length: number, levels: number, count: number): number;
}

/** What the engine refused, in its words. */
export class EngineError extends Error {}

export const kStarved = 0;
export const kRunningUp = 1;
export const kReady = 2;
export type Step = typeof kStarved | typeof kRunningUp | typeof kReady;

/** Frames that are rendered at a time at most. */
export const kBlock = 128;
export const kChunkFrames = 2 ** 18;

export type Part = 'strip' | 'bus' | 'master' | 'mix';
const kParts: readonly Part[] = ['strip', 'bus', 'master', 'mix'];

export interface TrackChunk {
  readonly track: number;
  readonly chunk: number;
}

/** JSON in ASCII: worklets have no TextEncoder. */
const ascii = (text: string): string => text.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

export class Engine {
  readonly x: Exports;

  constructor(module: WebAssembly.Module) {
    // The few calls of a system that the library could make: writing a message before it gives up, and what comes with that.
    const none = (): number => 52;
    const system = new Proxy({}, { get: (_, name) => (name === 'proc_exit' ? () => { throw new EngineError('the engine stopped'); } : none) });
    const imports: WebAssembly.Imports = {};
    for (const { module: name } of WebAssembly.Module.imports(module)) imports[name] = system as WebAssembly.ModuleImports;
    this.x = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
    this.x._initialize?.();
  }

  /** Runs `use` with a text in the engine's memory. */
  withText<T>(text: string, use: (at: number, length: number) => T): T {
    const at = this.x.twopop_allocate(text.length + 1);
    const bytes = new Uint8Array(this.x.memory.buffer, at, text.length);
    for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
    try {
      return use(at, text.length);
    } finally {
      this.x.twopop_free(at);
    }
  }
  withJson<T>(value: unknown, use: (at: number, length: number) => T): T {
    return this.withText(ascii(typeof value === 'string' ? value : JSON.stringify(value)), use);
  }
  withNumbers<T>(numbers: ArrayLike<number>, use: (at: number) => T): T {
    const at = this.x.twopop_allocate(8 * numbers.length);
    new Float64Array(this.x.memory.buffer, at, numbers.length).set(numbers);
    try {
      return use(at);
    } finally {
      this.x.twopop_free(at);
    }
  }
  numbers(at: number, count: number): Float64Array {
    if (at === 0) throw this.error();
    return new Float64Array(this.x.memory.buffer, at, count).slice();
  }
  error(): EngineError {
    const bytes = new Uint8Array(this.x.memory.buffer, this.x.twopop_text(), this.x.twopop_text_length());
    return new EngineError(decodeURIComponent(Array.from(bytes, (b) => `%${b.toString(16).padStart(2, '0')}`).join('')));
  }
  check(result: number): number {
    if (result < 0) throw this.error();
    return result;
  }

  /** What an equaliser with these bands (a strip's `eq`) does at each frequency, in dB. */
  eqCurve(bands: unknown, frequencies_hz: ArrayLike<number>, rate_hz: number): Float64Array {
    return this.withJson(bands, (json, length) =>
      this.withNumbers(frequencies_hz, (at) => this.numbers(this.x.curve_eq(json, length, at, frequencies_hz.length, rate_hz), frequencies_hz.length)));
  }
  /** Level out for each level in, both in dBFS, of a compressor with these settings; make-up included. */
  compressorCurve(settings: unknown, levels_dbfs: ArrayLike<number>): Float64Array {
    return this.levelCurve(this.x.curve_compressor, settings, levels_dbfs);
  }
  /** The same of an expander that is closed. */
  expanderCurve(settings: unknown, levels_dbfs: ArrayLike<number>): Float64Array {
    return this.levelCurve(this.x.curve_expander, settings, levels_dbfs);
  }
  private levelCurve(curve: Exports['curve_compressor'], settings: unknown, levels_dbfs: ArrayLike<number>): Float64Array {
    return this.withJson(settings, (json, length) => this.withNumbers(levels_dbfs, (at) => this.numbers(curve(json, length, at, levels_dbfs.length), levels_dbfs.length)));
  }
}

/** A film's mix that runs: LiveMixer of engine/phases/mix/live.h. */
export class Mixer {
  readonly engine: Engine;
  readonly channels: number;
  private readonly at_: number;
  private readonly out_: number;

  /** `live` is the server's LiveMix, as text or parsed. */
  constructor(engine: Engine, live: unknown) {
    this.engine = engine;
    this.at_ = engine.withJson(live, (json, length) => engine.x.live_open(json, length));
    if (this.at_ === 0) throw engine.error();
    this.channels = engine.x.live_channels(this.at_);
    this.out_ = engine.x.twopop_allocate(4 * kBlock * this.channels);
  }
  close(): void {
    this.engine.x.twopop_free(this.out_);
    this.engine.x.live_close(this.at_);
  }

  /** Samples of a chunk, channel after channel; null for silence. */
  handOver({ track, chunk }: TrackChunk, samples: Float32Array | null): void {
    const { x } = this.engine;
    if (!samples) return x.live_hand_over_silence(this.at_, track, chunk);
    const to = x.live_hand_over(this.at_, track, chunk);
    new Float32Array(x.memory.buffer, to, samples.length).set(samples);
  }
  forget(track = -1): void {
    this.engine.x.live_forget(this.at_, track);
  }
  wanted(): TrackChunk[] {
    const { x } = this.engine;
    const count = x.live_wanted(this.at_);
    const list = new Int32Array(x.memory.buffer, x.live_wanted_list(), 2 * count);
    return Array.from({ length: count }, (_, i) => ({ track: list[2 * i] ?? 0, chunk: list[2 * i + 1] ?? 0 }));
  }
  get heldBytes(): number {
    return this.engine.x.live_held_bytes(this.at_);
  }

  seek(at: number, start: 'settled' | 'exact'): void {
    this.engine.x.live_seek(this.at_, at, start === 'exact' ? 1 : 0);
  }
  /** Runs up for a jump that is to come (a loop's), beside what is heard. */
  prepare(at: number): void {
    this.engine.x.live_prepare(this.at_, at);
  }
  get position(): number {
    return this.engine.x.live_position(this.at_);
  }
  runUp(frames: number): Step {
    return this.engine.check(this.engine.x.live_run_up(this.at_, frames)) as Step;
  }
  /** Fills as many frames (kBlock at most) of each channel. */
  render(into: readonly Float32Array[], from: number, frames: number): Step {
    const { x } = this.engine;
    const step = this.engine.check(x.live_render(this.at_, this.out_, frames)) as Step;
    for (let c = 0; c < Math.min(this.channels, into.length); ++c) into[c]?.set(new Float32Array(x.memory.buffer, this.out_ + 4 * c * frames, frames), from);
    return step;
  }
  /** Works at being exact again in the background; false if there was nothing to do. */
  trueUp(frames: number): boolean {
    return this.engine.check(this.engine.x.live_true_up(this.at_, frames)) > 0;
  }
  get exact(): boolean {
    return this.engine.x.live_exact(this.at_) !== 0;
  }

  set(part: Part, id: string, value: unknown): void {
    const { x } = this.engine;
    this.engine.check(this.engine.withText(id, (at, length) => this.engine.withJson(value, (json, size) => x.live_set(this.at_, kParts.indexOf(part), at, length, json, size))));
  }

  /** Limiter, compressor, a peak for each channel, then peak and gain of each bus and of each track; since the last call. */
  levels(): Float32Array {
    const { x } = this.engine;
    const count = x.live_levels(this.at_);
    return new Float32Array(x.memory.buffer, x.live_levels_list(), count).slice();
  }
  /** For Meter.append; empty where less than 100 ms went by. */
  loudness(): Uint8Array<ArrayBuffer> {
    const { x } = this.engine;
    const count = x.live_loudness(this.at_);
    return new Uint8Array(x.memory.buffer, x.live_loudness_list(), count).slice();
  }
  /** Goes on measuring where another mixer, whose loudness was taken, has left off. */
  measureAfter(other: Mixer): void {
    this.engine.x.live_measure_from(this.at_, this.engine.x.live_measured(other.at_));
  }
}

export interface LoudnessFigures {
  momentary: number;
  short_term: number;
  integrated: number;
  range: number;
  true_peak: number;
  max_momentary: number;
  max_short_term: number;
}

/** Loudness of what was heard since it was made, by the engine's own measurement. */
export class Meter {
  private readonly engine_: Engine;
  private at_: number;
  constructor(engine: Engine) {
    this.engine_ = engine;
    this.at_ = engine.x.meter_open();
  }
  close(): void {
    this.engine_.x.meter_close(this.at_);
  }
  reset(): void {
    this.close();
    this.at_ = this.engine_.x.meter_open();
  }
  append(bytes: Uint8Array): void {
    const { x } = this.engine_;
    const at = x.twopop_allocate(bytes.length);
    new Uint8Array(x.memory.buffer, at, bytes.length).set(bytes);
    const done = x.meter_append(this.at_, at, bytes.length);
    x.twopop_free(at);
    this.engine_.check(done);
  }
  figures(): LoudnessFigures {
    const [momentary = -Infinity, short_term = -Infinity, integrated = -Infinity, range = 0, true_peak = -Infinity, max_momentary = -Infinity, max_short_term = -Infinity] = this.engine_.numbers(
      this.engine_.x.meter_figures(this.at_), 7);
    return { momentary, short_term, integrated, range, true_peak, max_momentary, max_short_term };
  }
}
