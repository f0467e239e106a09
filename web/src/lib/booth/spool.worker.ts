/** Writes what the microphone gives into the browser's own file store (OPFS), and reads it back for whoever sends it. One folder a take: take.json, data.pcm. */
import type { CapturedBlock } from './capture.worklet.ts';
import { Sha256 } from './sha256.ts';
import { Ring, RunningTake } from './spool_state.ts';
import type { Answer, Ask } from './spool.ts';
import type { StoredTake } from './values.ts';

/** What only workers have: the types of pages do not know it. */
interface SyncHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  getSize(): number;
  flush(): void;
  close(): void;
}
const syncHandle = (file: FileSystemFileHandle): Promise<SyncHandle> => (file as unknown as { createSyncAccessHandle(): Promise<SyncHandle> }).createSyncAccessHandle();

const kRing_s = 2;
const kPortion = 1 << 20;
const kFlushEvery_frames = 24000;
const kEndWithin_ms = 2000;

let channels = 1;
let ring = new Ring(1, 1);
let running: { take: RunningTake; meta: StoredTake; file: SyncHandle; flushed: number } | null = null;
let grabbing: { from: number; frames: number; done: (sound: Float32Array) => void } | null = null;
let rate_hz = 48000;

const root = async (): Promise<FileSystemDirectoryHandle> => (await navigator.storage.getDirectory()).getDirectoryHandle('twopop-booth', { create: true });
const folderOf = async (id: string, create = false): Promise<FileSystemDirectoryHandle> => (await root()).getDirectoryHandle(id, { create });

async function writeMeta(meta: StoredTake): Promise<void> {
  const file = await (await folderOf(meta.id)).getFileHandle('take.json', { create: true });
  // Swapped in as a whole when closed: a page that goes away meanwhile leaves the old one.
  const out = await file.createWritable();
  await out.write(JSON.stringify(meta));
  await out.close();
}

function received(block: CapturedBlock): void {
  ring.add(block);
  if (running) {
    running.take.add(block);
    if (running.take.frames - running.flushed > kFlushEvery_frames) {
      running.file.flush();
      running.flushed = running.take.frames;
    }
    if (running.take.done) void finish();
  }
  if (grabbing && (ring.newest ?? 0) >= grabbing.from + grabbing.frames) {
    const { from, frames, done } = grabbing;
    grabbing = null;
    const sound = new Float32Array(frames);
    for (const past of ring.blocks()) {
      const count = past.samples.length / channels;
      for (let i = Math.max(0, from - past.frame); i < Math.min(count, from + frames - past.frame); ++i) sound[past.frame + i - from] = past.samples[i * channels] ?? 0;
    }
    done(sound);
  }
}

async function finish(): Promise<void> {
  const ended = running;
  if (!ended) return;
  running = null;
  ended.file.flush();
  ended.file.close();
  const { take, meta } = ended;
  meta.state = 'recorded';
  meta.frames = take.frames;
  if (take.missing > 0) meta.suspect.push(`${String(take.missing)} samples did not come from the microphone: silence stands in their place`);
  await writeMeta(meta);
  self.postMessage({ ended: meta } satisfies Answer);
}

/** Until a take that was told its end has got there: its last blocks are on their way. One that the microphone leaves waiting ends as it is. */
async function ended(mine: typeof running): Promise<void> {
  for (let n = 0; n < kEndWithin_ms / 10 && running === mine; ++n) await new Promise((done) => setTimeout(done, 10));
  if (running && running === mine) await finish();
}

async function dataSize(id: string): Promise<number> {
  if (running?.meta.id === id) return running.file.getSize();
  const file = await (await folderOf(id)).getFileHandle('data.pcm');
  return (await file.getFile()).size;
}

async function read(id: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  if (running?.meta.id === id) {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, running.file.getSize() - offset)));
    const got = running.file.read(bytes, { at: offset });
    return bytes.subarray(0, got);
  }
  const file = await (await (await folderOf(id)).getFileHandle('data.pcm')).getFile();
  return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
}

async function list(): Promise<StoredTake[]> {
  const takes: StoredTake[] = [];
  for await (const [id, entry] of (await root()).entries()) {
    if (entry.kind !== 'directory') continue;
    try {
      const text = await (await (entry as FileSystemDirectoryHandle).getFileHandle('take.json')).getFile();
      const meta = JSON.parse(await text.text()) as StoredTake;
      if (meta.state === 'recording' && running?.meta.id !== id) {
        // The page went away while it recorded: what is there is the take.
        const frame_bytes = 4 * meta.start.channels;
        meta.frames = Math.floor((await dataSize(id)) / frame_bytes);
        meta.state = 'recorded';
        meta.suspect.push('the page was closed while it recorded');
        if (meta.frames === 0) {
          await (await root()).removeEntry(id, { recursive: true });
          continue;
        }
        await writeMeta(meta);
      }
      takes.push(meta);
    } catch {
      // Not a take that could be told from its folder: left alone, for people who look for it.
    }
  }
  return takes;
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.do) {
    case 'listen':
      channels = ask.channels;
      rate_hz = ask.rate_hz;
      ring = new Ring(channels, kRing_s * rate_hz);
      ask.port.onmessage = ({ data }: MessageEvent<CapturedBlock>) => received(data);
      return null;
    case 'begin': {
      if (running?.take.ending) await ended(running);
      if (running) throw new Error('a take is running already');
      const { meta } = ask;
      const folder = await folderOf(meta.id, true);
      const file = await syncHandle(await folder.getFileHandle('data.pcm', { create: true }));
      const first = Math.max(meta.start.first_frame, ring.oldest ?? meta.start.first_frame);
      meta.start.first_frame = first;
      await writeMeta(meta);
      const take = new RunningTake(first, channels, { write: (bytes, at) => void file.write(bytes, { at }) });
      running = { take, meta, file, flushed: 0 };
      for (const block of ring.blocks()) take.add(block);
      return meta;
    }
    case 'end':
      if (running) {
        running.meta.suspect.push(...ask.suspect);
        running.meta.stars = ask.stars;
        running.take.end(ask.frame);
        if (running.take.done) await finish();
        else await ended(running);
      }
      return null;
    case 'stop':
      if (running) {
        running.meta.suspect.push(...ask.suspect);
        await finish();
      }
      return null;
    case 'grab':
      return new Promise<Float32Array>((done) => void (grabbing = { from: ask.frame, frames: ask.frames, done }));
    case 'list':
      return list();
    case 'meta':
      // A take that runs is known better here, but for what the server said of it.
      if (running?.meta.id === ask.meta.id) running.meta.server_id = ask.meta.server_id;
      await writeMeta(running?.meta.id === ask.meta.id ? running.meta : ask.meta);
      return null;
    case 'size':
      return dataSize(ask.id);
    case 'read':
      return read(ask.id, ask.offset, ask.length);
    case 'sum': {
      const sum = new Sha256();
      for (let at = 0; at < ask.bytes; at += kPortion) sum.add(await read(ask.id, at, Math.min(kPortion, ask.bytes - at)));
      return sum.hex();
    }
    case 'remove':
      await (await root()).removeEntry(ask.id, { recursive: true });
      return null;
  }
}

self.onmessage = ({ data: { ask, number } }: MessageEvent<{ ask: Ask; number: number }>) => {
  answer(ask).then(
    (value) => self.postMessage({ number, value } satisfies Answer),
    (error: unknown) => self.postMessage({ number, failed: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
};
