import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Problem } from '$lib/api';
import { Ring, RunningTake } from './spool_state.ts';
import { upload, type TakeServer, type TakeStore, type UploadState } from './upload.ts';
import type { StoredTake } from './values.ts';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const offline = (): Problem => new Problem({ type: 'about:blank', title: 'Offline', status: 0, detail: '', code: 'offline' });
const problem = (status: number, code: string): Problem => new Problem({ type: 'about:blank', title: code, status, detail: '', code });

const start = { for: 'adr', cue: 'a', pass: 'feet', format: 'f32', rate_hz: 48000, channels: 1, first_frame: 0, anchor_frame: 0, anchor_samples: 0, latency_ms: 0, latency_spread_ms: 0, calibrated: false, beep_hz: 1000, beep_ms: 40, beep_frames: [], input: '', output: '', performer: '', notes: '' } as const;
const stored = (bytes: Uint8Array): StoredTake => ({ id: 'local', film: 'film', title: '', state: 'recorded', start: { ...start, beep_frames: [] }, server_id: '', frames: bytes.length / 4, suspect: [], stars: 0 });

/** A server that fails now and then, may take part of what it is sent, and forgets nothing that it confirmed. */
class TestServer implements TakeServer {
  bytes = new Uint8Array();
  known = '';
  made = 0;
  finished = 0;
  private calls_ = 0;
  private readonly fails: (call: number) => Problem | 'part' | null;
  constructor(fails: (call: number) => Problem | 'part' | null) {
    this.fails = fails;
  }
  private step(): 'part' | null {
    const outcome = this.fails(this.calls_++);
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }
  start(): Promise<{ id: string; offset_bytes: number; finished: boolean }> {
    this.step();
    this.known = `s${String(++this.made)}`;
    this.bytes = new Uint8Array();
    return Promise.resolve({ id: this.known, offset_bytes: 0, finished: false });
  }
  offset(_film: string, id: string): Promise<{ id: string; offset_bytes: number; finished: boolean }> {
    this.step();
    if (id !== this.known) throw problem(404, 'not_found');
    return Promise.resolve({ id, offset_bytes: this.bytes.length, finished: false });
  }
  append(_film: string, id: string, offset: number, bytes: Uint8Array): Promise<{ id: string; offset_bytes: number; finished: boolean }> {
    const outcome = this.fails(this.calls_++);
    if (id !== this.known) throw problem(404, 'not_found');
    if (offset === this.bytes.length) {
      const taken = outcome === null ? bytes : bytes.subarray(0, bytes.length >> 1);
      this.bytes = Uint8Array.from([...this.bytes, ...taken]);
    }
    // The connection may break after the server took some of it: the page is told nothing.
    if (outcome instanceof Problem) throw outcome;
    return Promise.resolve({ id, offset_bytes: this.bytes.length, finished: false });
  }
  finish(_film: string, id: string, sum: string): Promise<{ media: string; item: string; name: string; fingerprint: string; revision: number; frames: number; at_samples: number; fit: number; suspect: boolean; checks: [] }> {
    this.step();
    if (id !== this.known) throw problem(404, 'not_found');
    if (sha(this.bytes) !== sum) {
      this.bytes = new Uint8Array();
      throw problem(422, 'damaged');
    }
    ++this.finished;
    return Promise.resolve({ media: 'm', item: 'm', name: 'n', fingerprint: '', revision: 1, frames: 1, at_samples: 0, fit: 0, suspect: false, checks: [] });
  }
}

function store(bytes: Uint8Array<ArrayBuffer>): TakeStore & { removed: boolean } {
  return {
    removed: false,
    keep: () => Promise.resolve(),
    size: () => Promise.resolve(bytes.length),
    read: (_id, offset, length) => Promise.resolve(bytes.slice(offset, Math.min(offset + length, offset + 999))),
    sum: (_id, length) => Promise.resolve(sha(bytes.subarray(0, length))),
    remove() {
      this.removed = true;
      return Promise.resolve();
    },
  };
}

const bytes = Uint8Array.from({ length: 40000 }, (_, i) => (i * 7919) >> 3);

async function run(server: TestServer, local = store(bytes), take = stored(bytes)): Promise<{ states: UploadState[]; local: typeof local }> {
  const states: UploadState[] = [];
  let pauses = 0;
  await upload(take, { server, store: local, changed: (_take, state) => void states.push(state), pause: () => (++pauses > 500 ? Promise.reject(new Error('waits for ever')) : Promise.resolve()), stopped: () => false });
  return { states, local };
}

describe('an upload', () => {
  it('arrives whole, and the local copy goes only after the server has confirmed', async () => {
    const server = new TestServer(() => null);
    const local = store(bytes);
    const finish = server.finish.bind(server);
    server.finish = (...all) => {
      expect(local.removed).toBe(false);
      return finish(...all);
    };
    const { states } = await run(server, local);
    expect(sha(server.bytes)).toBe(sha(bytes));
    expect(local.removed).toBe(true);
    expect(states.at(-1)?.is).toBe('done');
  });
  it('arrives whole over a connection that breaks at every third call, in the middle of what is sent', async () => {
    for (let phase = 0; phase < 3; ++phase) {
      const server = new TestServer((call) => (call % 3 === phase ? (call % 2 ? offline() : problem(503, 'busy')) : null));
      const { states, local } = await run(server);
      expect(sha(server.bytes)).toBe(sha(bytes));
      expect(server.finished).toBe(1);
      expect(local.removed).toBe(true);
      expect(states.some(({ is }) => is === 'waiting')).toBe(true);
    }
  });
  it('goes on from what the server holds when the page comes back', async () => {
    const server = new TestServer(() => null);
    server.known = 's9';
    server.bytes = bytes.slice(0, 12345);
    await run(server, store(bytes), { ...stored(bytes), server_id: 's9' });
    expect(server.made).toBe(0);
    expect(sha(server.bytes)).toBe(sha(bytes));
  });
  it('begins anew where the server knows the take no more', async () => {
    const server = new TestServer(() => null);
    await run(server, store(bytes), { ...stored(bytes), server_id: 'gone' });
    expect(server.made).toBe(1);
    expect(sha(server.bytes)).toBe(sha(bytes));
  });
  it('sends everything again where bytes were damaged, but not for ever, and keeps the local copy', async () => {
    const server = new TestServer(() => null);
    const local = store(bytes);
    local.sum = () => Promise.resolve('0'.repeat(64));
    const { states } = await run(server, local);
    expect(states.at(-1)?.is).toBe('refused');
    expect(local.removed).toBe(false);
  });
  it('stops where the server says no, and keeps the local copy', async () => {
    const { states, local } = await run(new TestServer((call) => (call === 4 ? problem(403, 'forbidden') : null)));
    expect(states.at(-1)?.is).toBe('refused');
    expect(local.removed).toBe(false);
  });
  it('does not ask for ever for a cue that is gone', async () => {
    const { states, local } = await run(new TestServer((call) => (call === 0 ? problem(404, 'not_found') : null)));
    expect(states.map(({ is }) => is)).toEqual(['refused']);
    expect(local.removed).toBe(false);
  });
  it('sends a take while it is still being recorded', async () => {
    const server = new TestServer(() => null);
    const take: StoredTake = { ...stored(bytes), state: 'recording', frames: 0 };
    const local = store(bytes);
    let size = 0;
    local.size = () => Promise.resolve(size);
    local.read = (_id, offset, length) => Promise.resolve(bytes.slice(offset, Math.min(offset + length, size || bytes.length)));
    await upload(take, {
      server,
      store: local,
      changed: () => undefined,
      pause: () => {
        size = Math.min(bytes.length, size + 9000);
        if (size === bytes.length) [take.state, take.frames] = ['recorded', bytes.length / 4];
        return Promise.resolve();
      },
      stopped: () => false,
    });
    expect(sha(server.bytes)).toBe(sha(bytes));
  });
});

describe('a running take', () => {
  const block = (frame: number, length: number): { frame: number; samples: Float32Array<ArrayBuffer> } => ({ frame, samples: Float32Array.from({ length }, (_, i) => frame + i) });
  const written = (first: number, end: number, blocks: readonly { frame: number; samples: Float32Array<ArrayBuffer> }[]): { sound: Float32Array; take: RunningTake } => {
    const bytes_of = new Uint8Array(4 * 10000);
    let length = 0;
    const take = new RunningTake(first, 1, { write: (bytes, at) => (bytes_of.set(bytes, at), (length = Math.max(length, at + bytes.length))) });
    take.end(end);
    for (const b of blocks) take.add(b);
    return { sound: new Float32Array(bytes_of.buffer, 0, length / 4), take };
  };
  it('has every frame from its first to its last at its place, wherever the blocks begin', () => {
    const { sound, take } = written(1000, 3000, [block(0, 900), block(900, 700), block(1600, 900), block(2500, 900), block(3400, 100)]);
    expect([...sound]).toEqual(Array.from({ length: 2000 }, (_, i) => 1000 + i));
    expect(take).toMatchObject({ frames: 2000, missing: 0, done: true });
  });
  it('puts silence where frames did not come, and says how many', () => {
    const { sound, take } = written(100, 500, [block(100, 100), block(250, 100), block(250, 100), block(600, 100)]);
    expect(sound).toHaveLength(400);
    expect(take.missing).toBe(50 + 150);
    expect(sound[150]).toBe(250);
    expect(sound[149]).toBe(0);
  });
  it('may begin a moment ago', () => {
    const ring = new Ring(1, 300);
    for (let at = 0; at < 2000; at += 100) ring.add(block(at, 100));
    expect(ring.oldest).toBe(1600);
    expect(ring.newest).toBe(2000);
  });
});
