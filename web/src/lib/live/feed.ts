import type { FilmApi } from '$lib/api';

interface Wish {
  readonly key: string;
  readonly path: string;
  readonly arrived: (samples: Float32Array<ArrayBuffer> | null, channels: number, revision: number) => void;
}

const kAtOnce = 4;
const kAgainAfter_ms = 1000;

/** Fetches chunks of the server's sounds: the most urgent first, a few at once, nothing that is no longer wanted. */
export class Feed {
  private readonly api_: FilmApi;
  private readonly failed_: (error: unknown) => void;
  private readonly running_ = new Map<string, AbortController>();
  private readonly resting_ = new Map<string, number>();
  private wishes_: readonly Wish[] = [];
  private closed_ = false;

  constructor(api: FilmApi, failed: (error: unknown) => void) {
    this.api_ = api;
    this.failed_ = failed;
  }

  /** What is wanted now, the most urgent first; what is on its way and not among it is given up. */
  want(wishes: readonly Wish[]): void {
    this.wishes_ = wishes;
    const keys = new Set(wishes.map((wish) => wish.key));
    for (const [key, running] of this.running_) if (!keys.has(key)) running.abort();
    this.next();
  }
  close(): void {
    this.closed_ = true;
    this.want([]);
  }

  private next(): void {
    const now = Date.now();
    for (const wish of this.wishes_) {
      if (this.closed_ || this.running_.size >= kAtOnce) return;
      if (this.running_.has(wish.key) || (this.resting_.get(wish.key) ?? 0) > now) continue;
      const abort = new AbortController();
      this.running_.set(wish.key, abort);
      void this.fetch(wish, abort.signal).finally(() => {
        this.running_.delete(wish.key);
        this.next();
      });
    }
  }

  private async fetch(wish: Wish, signal: AbortSignal): Promise<void> {
    try {
      const response = await this.api_.api.send('GET', this.api_.path(wish.path), { signal }, { silence: 'none' });
      const channels = Number(response.headers.get('X-Channels') ?? '1'), revision = Number(response.headers.get('X-Revision') ?? '0');
      const silent = response.status === 204;
      wish.arrived(silent ? null : new Float32Array(await response.arrayBuffer()), channels, revision);
      this.wishes_ = this.wishes_.filter((other) => other.key !== wish.key);
      this.resting_.delete(wish.key);
    } catch (error) {
      if (signal.aborted) return;
      this.resting_.set(wish.key, Date.now() + kAgainAfter_ms);
      setTimeout(() => this.next(), kAgainAfter_ms);
      this.failed_(error);
    }
  }
}
