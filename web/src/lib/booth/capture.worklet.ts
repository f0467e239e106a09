/**
 * Hands every sample of the microphone on, with the clock it came at: sixteen quanta at a time, to the worker that writes them, so that a
 * busy page loses nothing. The page itself only hears how loud it is.
 */
import { QuantumClock } from '../live/quantum_clock.ts';

declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, made: new (options: { processorOptions: { channels: number } }) => AudioWorkletProcessor): void;

const kQuanta = 16;
/** Frames of a quantum that brings no sound. */
const kQuantum = 128;

export interface CapturedBlock {
  /** Clock at its first frame. */
  frame: number;
  /** Channels interleaved. */
  samples: Float32Array<ArrayBuffer>;
}

class Capture extends AudioWorkletProcessor {
  private readonly channels_: number;
  private readonly clock_ = new QuantumClock();
  private to_: MessagePort | null = null;
  private block_: Float32Array<ArrayBuffer> | null = null;
  private begin_ = 0;
  private filled_ = 0;
  private peak_ = 0;

  constructor(options: { processorOptions: { channels: number } }) {
    super();
    this.channels_ = options.processorOptions.channels;
    this.port.onmessage = ({ data }: MessageEvent<{ port: MessagePort }>) => void (this.to_ = data.port);
  }

  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0];
    const first = input?.[0];
    const quantum = first?.length ?? kQuantum;
    const frame = this.clock_.tick(currentFrame, quantum);
    // Without an input there is no sound: the clock goes on and whoever writes sees the gap.
    if (!input || !first) return true;
    if (this.block_ && this.begin_ + this.filled_ !== frame) this.send();
    if (!this.block_) {
      this.block_ = new Float32Array(quantum * kQuanta * this.channels_);
      this.begin_ = frame;
      this.filled_ = 0;
    }
    for (let c = 0; c < this.channels_; ++c) {
      const from = input[Math.min(c, input.length - 1)] ?? first;
      for (let i = 0; i < quantum; ++i) {
        const x = from[i] ?? 0;
        this.block_[(this.filled_ + i) * this.channels_ + c] = x;
        const size = x < 0 ? -x : x;
        if (size > this.peak_) this.peak_ = size;
      }
    }
    this.filled_ += quantum;
    if (this.filled_ * this.channels_ >= this.block_.length) this.send();
    return true;
  }

  private send(): void {
    const block = this.block_;
    this.block_ = null;
    if (!block || this.filled_ === 0) return;
    const samples = this.filled_ * this.channels_ === block.length ? block : block.slice(0, this.filled_ * this.channels_);
    const sent: CapturedBlock = { frame: this.begin_, samples };
    this.to_?.postMessage(sent, [samples.buffer]);
    this.port.postMessage({ frame: this.begin_ + this.filled_, peak: this.peak_ });
    this.peak_ = 0;
  }
}
registerProcessor('capture', Capture);
