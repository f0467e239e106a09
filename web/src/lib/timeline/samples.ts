/** Samples of clips as the engine rendered them, for the closest zoom. Chunks of 2^18, first channel. */
export const kChunk = 1 << 18;
const kMost = 64;

export class SampleStore {
  private readonly fetch_: (sound: string, chunk: number) => Promise<Float32Array | null>;
  private readonly changed_: () => void;
  private readonly chunks_ = new Map<string, Float32Array>();
  private readonly away_ = new Map<string, number>();

  constructor(fetch: (sound: string, chunk: number) => Promise<Float32Array | null>, changed: () => void) {
    this.fetch_ = fetch;
    this.changed_ = changed;
  }

  /** A document of another revision may sound different. */
  forget(): void {
    this.chunks_.clear();
    this.away_.clear();
  }

  chunk(sound: string, chunk: number): Float32Array | null {
    const key = `${sound} ${chunk}`;
    const found = this.chunks_.get(key);
    if (found) return found;
    if ((this.away_.get(key) ?? 0) > performance.now()) return null;
    this.away_.set(key, performance.now() + 5000);
    void this.fetch_(sound, chunk).then(
      (samples) => {
        if (!samples) return;
        this.chunks_.set(key, samples);
        if (this.chunks_.size > kMost) {
          const oldest = this.chunks_.keys().next().value;
          if (oldest !== undefined) this.chunks_.delete(oldest);
        }
        this.changed_();
      },
      () => undefined,
    );
    return null;
  }

}

/** Least and most per pixel (-127..127) of samples; between two samples a straight line. Null: not here. */
export function sampleColumns(store: SampleStore, sound: string, first: number, samples_per_px: number, count: number, into: Int8Array): boolean {
  if (!sound) return false;
  // Thousands of samples follow one another in a chunk: it is looked up once.
  let number = -1;
  let chunk: Float32Array | null = null;
  const sampleAt = (position: number): number | null => {
    const wanted = Math.floor(position / kChunk);
    if (wanted !== number) {
      number = wanted;
      chunk = store.chunk(sound, wanted);
    }
    return chunk?.[position - wanted * kChunk] ?? null;
  };
  for (let x = 0; x < count; ++x) {
    const from = first + x * samples_per_px;
    const to = from + samples_per_px;
    let [least, most] = [1, -1];
    const take = (position: number): boolean => {
      const whole = Math.floor(position);
      const a = sampleAt(whole);
      if (a === null) return false;
      // Whole positions, which are most of them, need no neighbour.
      const b = whole === position ? a : (sampleAt(whole + 1) ?? a);
      const value = a + (b - a) * (position - whole);
      least = Math.min(least, value);
      most = Math.max(most, value);
      return true;
    };
    if (!take(from) || !take(to)) return false;
    for (let position = Math.ceil(from); position < to; ++position) take(position);
    into[x * 2] = Math.max(-127, Math.round(least * 127));
    into[x * 2 + 1] = Math.min(127, Math.round(most * 127));
  }
  return true;
}
