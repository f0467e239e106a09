/** Brings takes from the browser's store into the film, whatever breaks on the way. No DOM. */
import { Problem } from '$lib/api';
import { bytesPerFrame, type StoredTake, type TakeOffset, type TakeResult } from './values.ts';

/** The calls to the server; each rejects with Problem. */
export interface TakeServer {
  start(take: StoredTake): Promise<TakeOffset>;
  offset(film: string, id: string): Promise<TakeOffset>;
  /** Where the server holds another number of bytes than `offset`, it answers with its own. */
  append(film: string, id: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<TakeOffset>;
  finish(film: string, id: string, sha256: string, take: StoredTake): Promise<TakeResult>;
}

export interface TakeStore {
  keep(meta: StoredTake): Promise<void>;
  size(id: string): Promise<number>;
  read(id: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  sum(id: string, bytes: number): Promise<string>;
  remove(id: string): Promise<void>;
}

export type UploadState =
  | { is: 'sending'; sent: number; of: number | null }
  | { is: 'waiting'; why: Problem }
  | { is: 'refused'; why: Problem }
  | { is: 'done'; result: TakeResult };

const kPortion = 1 << 20;
const kMostDamaged = 3;

/** Problems that do not go away by asking again: the take stays here until somebody decides. */
const isFinal = (problem: Problem): boolean => [400, 401, 403, 413].includes(problem.status);

export interface UploadOptions {
  server: TakeServer;
  store: TakeStore;
  changed: (take: StoredTake, state: UploadState) => void;
  /** Milliseconds to wait before try n; resolves early where somebody asks to try at once. */
  pause: (ms: number) => Promise<void>;
  stopped: () => boolean;
}

/**
 * Sends one take, from its start while it is still being recorded to the server's word that it is in the film; only then the local copy goes.
 * Returns when it is done, refused, or stopped.
 */
export async function upload(take: StoredTake, options: UploadOptions): Promise<void> {
  const { server, store, changed, pause, stopped } = options;
  const frame_bytes = bytesPerFrame(take.start);
  let held: number | null = null;
  let failures = 0;
  let damaged = 0;
  while (!stopped()) {
    try {
      if (!take.server_id) {
        const made = await server.start(take);
        take.server_id = made.id;
        held = made.offset_bytes;
        await store.keep(take);
      }
      held ??= (await server.offset(take.film, take.server_id)).offset_bytes;
      const whole = take.state === 'recorded' ? take.frames * frame_bytes : null;
      const size = whole ?? (await store.size(take.id));
      if (held < size) {
        const bytes = await store.read(take.id, held, Math.min(kPortion, size - held));
        if (bytes.length > 0) held = (await server.append(take.film, take.server_id, held, bytes)).offset_bytes;
        changed(take, { is: 'sending', sent: held, of: whole });
      } else if (whole !== null) {
        const result = await server.finish(take.film, take.server_id, await store.sum(take.id, whole), take);
        await store.remove(take.id);
        changed(take, { is: 'done', result });
        return;
      } else {
        await pause(400);
      }
      failures = 0;
    } catch (error) {
      if (stopped()) return;
      if (!(error instanceof Problem)) throw error;
      held = null;
      const unknown = error.status === 404;
      if (unknown && take.server_id) {
        // The server has lost it: it is begun anew, for nothing here is lost.
        take.server_id = '';
        if (++damaged <= kMostDamaged) continue;
      }
      const again = error.code === 'damaged' && ++damaged <= kMostDamaged;
      if (unknown || isFinal(error) || (error.code === 'damaged' && !again)) {
        changed(take, { is: 'refused', why: error });
        return;
      }
      changed(take, { is: 'waiting', why: error });
      await pause(Math.min(15000, 500 * 2 ** Math.min(failures++, 5)));
    }
  }
}
