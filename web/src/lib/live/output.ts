import type { FilmApi, LiveMix } from '$lib/api';
import { Engine, Meter, type LoudnessFigures, type Part } from './engine.ts';
import { Feed } from './feed.ts';
import type { Anchor, FromWorklet, LoopRange, ToWorklet } from './messages.ts';
import wasmUrl from '$wasm/live.wasm?url';
import workletUrl from './worklet.ts?worker&url';

export interface Level {
  peak: number;
  /** Least gain of the compressor since the last levels; 1 is none. */
  gain: number;
}

/** What the meters show, some 30 times a second. Linear, but for the loudness. */
export interface Meters {
  mix: readonly number[];
  limiter: number;
  compressor: number;
  buses: Readonly<Record<string, Level>>;
  tracks: Readonly<Record<string, Level>>;
  loudness: LoudnessFigures | null;
  /** Whether what is heard is, bit for bit, what a render would hold. */
  exact: boolean;
  /** Share of the time that the sound's thread works; `late` counts the quanta that came too late. */
  load: number;
  late: number;
}

interface Listeners {
  anchor: Anchor;
  ended: number;
  meters: Meters;
  failed: unknown;
}

const kStems = ['dialogue', 'adr', 'effects', 'foley', 'music'] as const;
const kFiguresEvery_ms = 200;

let module_: Promise<WebAssembly.Module> | null = null;
/** The engine's code, fetched once. */
export function engineModule(): Promise<WebAssembly.Module> {
  module_ ??= fetch(wasmUrl).then((response) => {
    if (!response.ok) throw new Error(`${wasmUrl}: ${String(response.status)}`);
    return WebAssembly.compileStreaming(response);
  });
  module_.catch(() => (module_ = null));
  return module_;
}

/** The sound's thread seen from the page: a context, its worklet, and the chunks it asks for. */
export class Output {
  readonly context: AudioContext;
  readonly engine: Engine;
  readonly node: AudioWorkletNode;
  readonly live: LiveMix;
  private readonly feed_: Feed;
  private readonly meter_: Meter;
  private readonly listeners_: { [Name in keyof Listeners]: Set<(value: Listeners[Name]) => void> } = { anchor: new Set(), ended: new Set(), meters: new Set(), failed: new Set() };
  private figures_: LoudnessFigures | null = null;
  private figures_due_ = 0;
  private mix_ = 0;
  /** By mix; the last two are kept, since one takes over from the other. */
  private readonly tracks_ = new Map<number, LiveMix['tracks']>();

  static async open(api: FilmApi): Promise<Output> {
    const [module, live] = await Promise.all([engineModule(), api.get<LiveMix>('/live')]);
    const context = new AudioContext({ sampleRate: live.rate_hz, latencyHint: 'interactive' });
    try {
      await context.audioWorklet.addModule(workletUrl);
      return new Output(api, context, module, live);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  private constructor(api: FilmApi, context: AudioContext, module: WebAssembly.Module, live: LiveMix) {
    this.context = context;
    this.live = live;
    this.engine = new Engine(module);
    this.meter_ = new Meter(this.engine);
    const channels = { mono: 1, stereo: 2, '5.1': 6, '7.1': 8 }[live.layout as string] ?? 2;
    this.node = new AudioWorkletNode(context, 'twopop-live', { numberOfInputs: 0, outputChannelCount: [channels], processorOptions: { module } });
    this.node.connect(context.destination);
    this.node.port.onmessage = (event: MessageEvent<FromWorklet>) => this.received(event.data);
    this.node.onprocessorerror = () => this.emit('failed', new Error('the sound stopped'));
    this.feed_ = new Feed(api, (error) => this.emit('failed', error));
    this.mix(live);
  }

  close(): void {
    this.feed_.close();
    this.node.disconnect();
    this.meter_.close();
    for (const set of Object.values(this.listeners_)) set.clear();
    void this.context.close();
  }
  on<Name extends keyof Listeners>(name: Name, listener: (value: Listeners[Name]) => void): () => void {
    this.listeners_[name].add(listener);
    return () => this.listeners_[name].delete(listener);
  }
  private emit<Name extends keyof Listeners>(name: Name, value: Listeners[Name]): void {
    for (const listener of this.listeners_[name]) listener(value);
  }

  /** A film compiled anew: tracks, covers and settings. What is heard goes on. */
  mix(live: LiveMix): void {
    this.tracks_.set(++this.mix_, live.tracks);
    this.tracks_.delete(this.mix_ - 2);
    this.tell({ type: 'mix', json: JSON.stringify(live) });
  }
  set(part: Part, id: string, value: unknown): void {
    this.tell({ type: 'set', part, id, value: JSON.stringify(value) });
  }
  play(at: number, speed: number, source: string, length: number, anchor: number, exact = false): void {
    this.tell({ type: 'play', at, speed, source, exact, anchor, length });
  }
  stop(anchor: number): void {
    this.tell({ type: 'stop', anchor });
  }
  loop(range: LoopRange | null): void {
    this.tell({ type: 'loop', range });
  }
  monitor(gain: number): void {
    this.tell({ type: 'monitor', gain });
  }
  /** Measures loudness from here on. */
  resetLoudness(): void {
    this.meter_.reset();
    this.figures_ = null;
  }

  /** The frame of the context that is heard at this instant (performance.now() where not given). */
  heardFrame(performance_ms = performance.now()): number {
    const { contextTime = 0, performanceTime = 0 } = this.context.getOutputTimestamp();
    if (performanceTime === 0) return (this.context.currentTime - (this.context.outputLatency || 0)) * this.context.sampleRate;
    return (contextTime + (performance_ms - performanceTime) / 1000) * this.context.sampleRate;
  }

  private tell(message: ToWorklet, transfer: Transferable[] = []): void {
    this.node.port.postMessage(message, transfer);
  }

  private received(message: FromWorklet): void {
    switch (message.type) {
      case 'wanted':
        this.feed_.want(
          message.chunks.flatMap(({ track, chunk, mix }) => {
            // What was asked for before the worklet heard of a newer mix may be of one that is gone.
            const sound = this.tracks_.get(mix)?.[track]?.sound;
            if (sound === undefined) return [];
            return {
              key: `${String(mix)} ${sound} ${String(chunk)}`,
              path: chunkPath(sound, chunk),
              arrived: (samples) => this.tell({ type: 'track-chunk', chunk: { track, chunk }, samples, mix }, samples ? [samples.buffer] : []),
            };
          }));
        return;
      case 'wanted-sounds':
        this.feed_.want(
          message.chunks.map((chunk) => ({
            key: `${chunk.sound} ${String(chunk.chunk)}`,
            path: chunkPath(chunk.sound, chunk.chunk),
            arrived: (samples, channels) => this.tell({ type: 'sound-chunk', chunk, channels, samples }, samples ? [samples.buffer] : []),
          })));
        return;
      case 'anchor':
        this.emit('anchor', message);
        return;
      case 'ended':
        this.emit('ended', message.at);
        return;
      case 'failed':
        this.emit('failed', new Error(message.message));
        return;
      case 'loudness':
        this.meter_.append(message.loudness);
        return;
      case 'levels':
        this.meters(message);
    }
  }

  private meters({ levels, loudness, mix, exact, load, late }: Extract<FromWorklet, { type: 'levels' }>): void {
    if (loudness.length > 0) this.meter_.append(loudness);
    const now = performance.now();
    if (loudness.length > 0 && now >= this.figures_due_) {
      this.figures_due_ = now + kFiguresEvery_ms;
      this.figures_ = this.meter_.figures();
    }
    const tracks = this.tracks_.get(mix) ?? [];
    const channels = levels.length - 2 - 2 * (kStems.length + tracks.length);
    const level = (i: number): Level => ({ peak: levels[2 + channels + 2 * i] ?? 0, gain: levels[3 + channels + 2 * i] ?? 1 });
    this.emit('meters', {
      limiter: levels[0] ?? 1,
      compressor: levels[1] ?? 1,
      mix: Array.from(levels.subarray(2, 2 + channels)),
      buses: Object.fromEntries(kStems.map((stem, i) => [stem, level(i)])),
      tracks: Object.fromEntries(tracks.map((track, i) => [track.id, level(kStems.length + i)])),
      loudness: this.figures_,
      exact,
      load,
      late,
    });
  }
}

const chunkPath = (sound: string, chunk: number): string => `/sounds/${encodeURIComponent(sound)}/chunks/${String(chunk)}`;
