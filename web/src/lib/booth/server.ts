import type { Api } from '$lib/api';
import type { BoothView, StoredTake, TakeOffset, TakeResult } from './values.ts';
import type { TakeServer } from './upload.ts';

/** The booth's calls: those that an actor's link may make, and no others. */
export class BoothServer implements TakeServer {
  private readonly api_: Api;
  constructor(api: Api) {
    this.api_ = api;
  }

  private path(film: string, below: string): string {
    return `/films/${encodeURIComponent(film)}${below}`;
  }
  view(film: string): Promise<BoothView> {
    return this.api_.json('GET', this.path(film, '/booth'));
  }
  pictureUrl(film: string): string {
    return `/api${this.path(film, '/booth/picture.mp4')}`;
  }
  /** The line as it was recorded on set, mono, at the film's rate. */
  async guide(film: string, begin: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    const response = await this.api_.send('GET', this.path(film, '/booth/guide'), {}, { begin, count });
    return new Float32Array(await response.arrayBuffer());
  }
  async takeSound(film: string, media: string): Promise<ArrayBuffer> {
    return (await this.api_.send('GET', this.path(film, `/booth/takes/${encodeURIComponent(media)}`))).arrayBuffer();
  }
  changeTake(film: string, item: string, change: { stars?: number; nudge_ms?: number; chosen?: boolean }): Promise<{ revision: number }> {
    return this.api_.json('PATCH', this.path(film, `/booth/takes/${encodeURIComponent(item)}`), change);
  }

  start(take: StoredTake): Promise<TakeOffset> {
    return this.api_.json('POST', this.path(take.film, '/takes'), take.start);
  }
  offset(film: string, id: string): Promise<TakeOffset> {
    return this.api_.json('GET', this.path(film, `/takes/${id}`));
  }
  async append(film: string, id: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<TakeOffset> {
    try {
      const response = await this.api_.send('PUT', this.path(film, `/takes/${id}`), { body: bytes, headers: { 'Content-Type': 'application/octet-stream' } }, { offset });
      return (await response.json()) as TakeOffset;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'offset') return this.offset(film, id);
      throw error;
    }
  }
  finish(film: string, id: string, sha256: string, take: StoredTake): Promise<TakeResult> {
    return this.api_.json('POST', this.path(film, `/takes/${id}/finish`), { sha256, frames: take.frames, suspect: take.suspect.slice(0, 20), stars: take.stars });
  }
}
