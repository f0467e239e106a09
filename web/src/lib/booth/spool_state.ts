/** What the worker of the spool keeps of the sound that comes in: a short memory of the past, and what goes into the running take. Pure. */
import type { CapturedBlock } from './capture.worklet.ts';

export interface Writer {
  write(bytes: Uint8Array, at_bytes: number): void;
}

/** The last two seconds or so, so that a take may begin a moment before somebody said so. */
export class Ring {
  private readonly blocks_: CapturedBlock[] = [];
  private readonly channels_: number;
  private readonly frames_: number;
  constructor(channels: number, frames: number) {
    this.channels_ = channels;
    this.frames_ = frames;
  }
  add(block: CapturedBlock): void {
    this.blocks_.push(block);
    const end = block.frame + block.samples.length / this.channels_;
    while (this.blocks_[0] && this.blocks_[0].frame + this.blocks_[0].samples.length / this.channels_ < end - this.frames_) this.blocks_.shift();
  }
  get oldest(): number | null {
    return this.blocks_[0]?.frame ?? null;
  }
  get newest(): number | null {
    const last = this.blocks_.at(-1);
    return last ? last.frame + last.samples.length / this.channels_ : null;
  }
  blocks(): readonly CapturedBlock[] {
    return this.blocks_;
  }
}

/** A take that is being written: every frame at its own place, whatever comes late, twice, or never. */
export class RunningTake {
  readonly first_frame: number;
  private readonly channels_: number;
  private readonly to_: Writer;
  private end_frame_: number | null = null;
  private next_: number;
  private missing_ = 0;

  constructor(first_frame: number, channels: number, to: Writer) {
    this.first_frame = this.next_ = first_frame;
    this.channels_ = channels;
    this.to_ = to;
  }
  get frames(): number {
    return this.next_ - this.first_frame;
  }
  /** Frames that the microphone did not deliver; silence stands in their place. */
  get missing(): number {
    return this.missing_;
  }
  get done(): boolean {
    return this.end_frame_ !== null && this.next_ >= this.end_frame_;
  }
  /** It was said where it ends. */
  get ending(): boolean {
    return this.end_frame_ !== null;
  }
  end(frame: number): void {
    this.end_frame_ = Math.max(frame, this.first_frame + 1);
  }

  add(block: CapturedBlock): void {
    const length = block.samples.length / this.channels_;
    const stop = Math.min(block.frame + length, this.end_frame_ ?? Infinity);
    if (stop <= this.next_) return;
    if (block.frame > this.next_) {
      const gap = Math.min(block.frame, stop) - this.next_;
      this.put(new Float32Array(gap * this.channels_));
      this.missing_ += gap;
    }
    const from = Math.max(block.frame, this.next_) - block.frame;
    this.put(block.samples.subarray(from * this.channels_, (stop - block.frame) * this.channels_));
  }

  private put(samples: Float32Array): void {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    this.to_.write(bytes, this.frames * this.channels_ * 4);
    this.next_ += samples.length / this.channels_;
  }
}
