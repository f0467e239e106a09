/** Peaks of recordings, fetched in tiles as they come into view and kept while there is room. */

export const kTile = 8192;
export const kBase = 256;
const kMostTiles = 3000;
const kAtOnce = 6;

/** Samples of the recording that one peak of a level stands for. */
export const samplesPerPeak = (level: number): number => kBase * 4 ** level;
/** The finest level of which a pixel reads no more than four. */
export const levelFor = (samples_per_px: number): number => Math.min(8, Math.max(0, Math.floor(Math.log(Math.max(1, samples_per_px) / kBase) / Math.log(4) + 1e-9)));

export interface PeakSource {
  /** Peaks [begin, begin + count) of a level, or null where they are still being made. Fewer at the end of the recording. */
  fetch(source: string, channel: number, level: number, begin: number, count: number): Promise<Int8Array | null>;
}

interface Wanted {
  key: string;
  source: string;
  channel: number;
  level: number;
  tile: number;
}

export class PeakStore {
  private readonly source_: PeakSource;
  private readonly changed_: () => void;
  private readonly tiles_ = new Map<string, Int8Array>();
  /** Asked for and not there: when to ask again (ms). */
  private readonly away_ = new Map<string, number>();
  private wanted_: Wanted[] = [];
  private under_way_ = 0;

  /** `changed` is called when something came that can be drawn. */
  constructor(source: PeakSource, changed: () => void) {
    this.source_ = source;
    this.changed_ = changed;
  }

  /** A tile, if it is here; otherwise it is fetched. */
  tile(source: string, channel: number, level: number, tile: number): Int8Array | null {
    const key = `${source} ${channel} ${level} ${tile}`;
    const found = this.tiles_.get(key);
    if (found) return found;
    const again = this.away_.get(key);
    if (again !== undefined && again > performance.now()) return null;
    this.away_.set(key, Infinity);
    this.wanted_.push({ key, source, channel, level, tile });
    queueMicrotask(() => this.pump());
    return null;
  }

  /** Asks again for what was not ready. */
  made(source: string): void {
    for (const key of this.away_.keys()) if (key.startsWith(`${source} `)) this.away_.delete(key);
    this.changed_();
  }

  /** Drops what was made of a document that has changed: peaks of sounds, not of recordings. */
  forget(prefix: string): void {
    for (const key of this.tiles_.keys()) if (key.startsWith(prefix)) this.tiles_.delete(key);
    for (const [key, again] of this.away_) if (key.startsWith(prefix) && again !== Infinity) this.away_.delete(key);
  }

  private pump(): void {
    while (this.under_way_ < kAtOnce) {
      // The latest wishes first: they are in view.
      const wanted = this.wanted_.pop();
      if (!wanted) return;
      ++this.under_way_;
      void this.source_
        .fetch(wanted.source, wanted.channel, wanted.level, wanted.tile * kTile, kTile)
        .then((peaks) => {
          if (peaks) {
            this.away_.delete(wanted.key);
            this.keep(wanted.key, peaks);
            this.changed_();
          } else this.away_.set(wanted.key, performance.now() + 2000);
        })
        .catch(() => this.away_.set(wanted.key, performance.now() + 10000))
        .finally(() => {
          --this.under_way_;
          this.pump();
        });
    }
    // What has scrolled by is not worth fetching any more.
    if (this.wanted_.length > 400) for (const old of this.wanted_.splice(0, this.wanted_.length - 400)) this.away_.delete(old.key);
  }

  private keep(key: string, peaks: Int8Array): void {
    this.tiles_.set(key, peaks);
    if (this.tiles_.size <= kMostTiles) return;
    const oldest = this.tiles_.keys().next().value;
    if (oldest !== undefined) this.tiles_.delete(oldest);
  }
}

/** Least and most for each of `count` pixels, scaled to -127..127, from `first` (samples of the recording) on. Zeroes where nothing is here yet. */
export function columns(store: PeakStore, source: string, channel: number, first: number, samples_per_px: number, count: number, into: Int8Array): boolean {
  const level = levelFor(samples_per_px);
  const per_peak = samplesPerPeak(level);
  let number = -1;
  let tile: Int8Array | null = null;
  let complete = true;
  for (let x = 0; x < count; ++x) {
    const from = Math.floor((first + x * samples_per_px) / per_peak);
    const to = Math.max(from + 1, Math.ceil((first + (x + 1) * samples_per_px) / per_peak));
    let [least, most] = [127, -128];
    for (let peak = Math.max(0, from); peak < to; ++peak) {
      const wanted = Math.floor(peak / kTile);
      if (wanted !== number) {
        number = wanted;
        tile = store.tile(source, channel, level, wanted);
        if (!tile) complete = false;
      }
      if (!tile) break;
      const at = (peak - number * kTile) * 2;
      if (at + 1 >= tile.length) break;
      const [low, high] = [tile[at] ?? 0, tile[at + 1] ?? 0];
      if (low < least) least = low;
      if (high > most) most = high;
    }
    into[x * 2] = most >= least ? least : 0;
    into[x * 2 + 1] = most >= least ? most : 0;
  }
  return complete;
}
