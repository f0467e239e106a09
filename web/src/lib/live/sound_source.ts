import { kChunkFrames } from './engine.ts';
import type { SoundChunk } from './messages.ts';

/** Chunks of one of the server's sounds, played at any speed in either direction. Bounded. */
export class SoundSource {
  readonly sound: string;
  private readonly chunks_ = new Map<number, { channels: number; samples: Float32Array | null }>();

  constructor(sound: string) {
    this.sound = sound;
  }

  handOver(chunk: number, channels: number, samples: Float32Array | null): void {
    this.chunks_.set(chunk, { channels, samples });
  }

  /** Chunks that are not there, the one at `at` first, then in the direction of play. Forgets what lies far behind. */
  wanted(at: number, speed: number, length: number): SoundChunk[] {
    const here = Math.floor(at / kChunkFrames);
    const ahead = Math.max(2, Math.ceil(Math.abs(speed)) + 1);
    const list: SoundChunk[] = [];
    for (let i = 0; i <= ahead; ++i) {
      const chunk = here + (speed < 0 ? -i : i);
      if (chunk < 0 || chunk * kChunkFrames >= length) break;
      if (!this.chunks_.has(chunk)) list.push({ sound: this.sound, chunk });
    }
    for (const chunk of this.chunks_.keys()) if (Math.abs(chunk - here) > ahead + 1) this.chunks_.delete(chunk);
    return list;
  }

  /** Adds nothing and gives false where a sample is missing. At speed 1 the samples themselves, otherwise straight between them. */
  render(into: readonly Float32Array[], from: number, frames: number, at: number, speed: number): boolean {
    const last = at + speed * (frames - 1);
    for (const place of [at, last, last + 1])
      if (place >= 0 && !this.chunks_.has(Math.floor(place / kChunkFrames))) return false;
    for (let c = 0; c < into.length; ++c) {
      const to = into[c];
      if (!to) continue;
      for (let i = 0; i < frames; ++i) {
        const place = at + speed * i;
        const whole = Math.floor(place), part = place - whole;
        const here = this.sample(whole, c);
        to[from + i] = part === 0 ? here : here + part * (this.sample(whole + 1, c) - here);
      }
    }
    return true;
  }

  private sample(at: number, channel: number): number {
    const kept = this.chunks_.get(Math.floor(at / kChunkFrames));
    if (!kept?.samples) return 0;
    const c = Math.min(channel, kept.channels - 1);
    return kept.samples[c * kChunkFrames + (at - Math.floor(at / kChunkFrames) * kChunkFrames)] ?? 0;
  }
}
