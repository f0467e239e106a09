import type { StoredTake } from './values.ts';

export type Ask =
  | { do: 'listen'; port: MessagePort; channels: number; rate_hz: number }
  | { do: 'begin'; meta: StoredTake }
  | { do: 'end'; frame: number; suspect: string[]; stars: number }
  | { do: 'stop'; suspect: string[] }
  | { do: 'grab'; frame: number; frames: number }
  | { do: 'list' }
  | { do: 'meta'; meta: StoredTake }
  | { do: 'size'; id: string }
  | { do: 'read'; id: string; offset: number; length: number }
  | { do: 'sum'; id: string; bytes: number }
  | { do: 'remove'; id: string };
export type Answer = { number: number; value: unknown } | { number: number; failed: string } | { ended: StoredTake };

/** The browser's own file store, by way of the worker that alone touches it. */
export class Spool {
  private readonly worker_: Worker;
  private readonly waiting_ = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void }>();
  private number_ = 0;
  /** A take has come to its end and is whole in the store. */
  ended: ((meta: StoredTake) => void) | null = null;

  constructor() {
    this.worker_ = new Worker(new URL('./spool.worker.ts', import.meta.url), { type: 'module' });
    this.worker_.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ('ended' in data) return this.ended?.(data.ended);
      const waiting = this.waiting_.get(data.number);
      this.waiting_.delete(data.number);
      if ('failed' in data) waiting?.failed(new Error(data.failed));
      else waiting?.done(data.value);
    };
  }

  private ask<T>(ask: Ask, transfer: Transferable[] = []): Promise<T> {
    const number = ++this.number_;
    return new Promise<T>((done, failed) => {
      this.waiting_.set(number, { done: done as (value: unknown) => void, failed });
      this.worker_.postMessage({ ask, number }, transfer);
    });
  }

  /** Takes in the blocks of a capture worklet. */
  listen(port: MessagePort, channels: number, rate_hz: number): Promise<void> {
    return this.ask({ do: 'listen', port, channels, rate_hz }, [port]);
  }
  /** Begins at meta.start.first_frame, which may lie a little in the past; answers with the frame it really begins at. */
  begin(meta: StoredTake): Promise<StoredTake> {
    return this.ask({ do: 'begin', meta });
  }
  /** Comes once the take is whole in the store. */
  end(frame: number, suspect: string[], stars: number): Promise<void> {
    return this.ask({ do: 'end', frame, suspect, stars });
  }
  /** Ends with what has come in: the microphone is gone. */
  stop(suspect: string[]): Promise<void> {
    return this.ask({ do: 'stop', suspect });
  }
  /** Channel 0 from a frame on, at most a second or so; comes when it has been recorded. */
  grab(frame: number, frames: number): Promise<Float32Array> {
    return this.ask({ do: 'grab', frame, frames });
  }
  list(): Promise<StoredTake[]> {
    return this.ask({ do: 'list' });
  }
  keep(meta: StoredTake): Promise<void> {
    return this.ask({ do: 'meta', meta });
  }
  size(id: string): Promise<number> {
    return this.ask({ do: 'size', id });
  }
  read(id: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.ask({ do: 'read', id, offset, length });
  }
  sum(id: string, bytes: number): Promise<string> {
    return this.ask({ do: 'sum', id, bytes });
  }
  remove(id: string): Promise<void> {
    return this.ask({ do: 'remove', id });
  }
  close(): void {
    this.worker_.terminate();
    for (const { failed } of this.waiting_.values()) failed(new Error('closed'));
    this.waiting_.clear();
  }
}
