// Runs a film's live mix in WebAssembly and compares it with the engine's render, bit for bit:
//   node web/wasm/check.ts build/web-wasm/live.wasm FOLDER      (FOLDER as phases/mix/live_film.h writes it)
// --speed prints how many times faster than real time it runs.
import { existsSync, readFileSync } from 'node:fs';
import { Engine, kBlock, kChunkFrames, kReady, Mixer } from '../src/lib/live/engine.ts';

const [wasm = '', folder = '', ...options] = process.argv.slice(2);
const engine = new Engine(new WebAssembly.Module(readFileSync(wasm)));
const json = readFileSync(`${folder}/live.json`, 'utf8');
const live = JSON.parse(json) as { length_samples: number; tracks: { id: string; channels: number }[]; mix: { strips: Record<string, object> } };
const floats = (path: string): Float32Array => new Float32Array(new Uint8Array(readFileSync(path)).buffer);
const mix = floats(`${folder}/mix.f32`);
const length = live.length_samples;
const bits = new Uint32Array(mix.buffer);
let failures = 0;

const claim = (holds: boolean, what: string): void => {
  console.log(`${holds ? 'ok' : 'FAILED'}: ${what}`);
  if (!holds) ++failures;
};

const kept = new Map<string, Float32Array | null>();
const chunkOf = (track: number, chunk: number): Float32Array | null => {
  const path = `${folder}/chunks/${String(track)}-${String(chunk)}.f32`;
  let samples = kept.get(path);
  if (samples === undefined) kept.set(path, (samples = existsSync(path) ? floats(path) : null));
  return samples;
};
const feed = (mixer: Mixer): void => {
  for (const wanted of mixer.wanted()) mixer.handOver(wanted, chunkOf(wanted.track, wanted.chunk));
};
const runUp = (mixer: Mixer): void => {
  do feed(mixer);
  while (mixer.runUp(8192) !== kReady);
};
/** Samples up to `to` that differ; -1 where it starved. */
const differing = (mixer: Mixer, to: number, block = kBlock): number => {
  const out = Array.from({ length: mixer.channels }, () => new Float32Array(block));
  const views = out.map((channel) => new Uint32Array(channel.buffer));
  let count = 0, fed = -1;
  while (mixer.position < to) {
    const at = mixer.position, frames = Math.min(block, to - at);
    if (Math.floor(at / 65536) !== fed) {
      feed(mixer);
      fed = Math.floor(at / 65536);
    }
    if (mixer.render(out, 0, frames) !== kReady) return -1;
    views.forEach((view, c) => {
      for (let i = 0; i < frames; ++i) if (view[i] !== bits[c * length + at + i]) ++count;
    });
  }
  return count;
};

const kSegment = 4 * kChunkFrames;
if (options.includes('--speed')) {
  const mixer = new Mixer(engine, json);
  runUp(mixer);
  const out = Array.from({ length: mixer.channels }, () => new Float32Array(kBlock));
  feed(mixer);
  const to = Math.min(length, 2 * kChunkFrames - 4 * kBlock);
  const began = process.cpuUsage();
  while (mixer.position + kBlock <= to) if (mixer.render(out, 0, kBlock) !== kReady) throw new Error('starved');
  const { user, system } = process.cpuUsage(began);
  const took = (user + system) / 1e6;
  console.log(`${String(live.tracks.length)} tracks: ${(mixer.position / 48000 / took).toFixed(1)} times real time (by processor time) in blocks of ${String(kBlock)}`);
} else {
  const mixer = new Mixer(engine, json);
  runUp(mixer);
  claim(differing(mixer, length) === 0, `from the start to the end (${(length / 48000).toFixed(1)} s) through decays and ${String(Math.floor(length / kSegment))} restart point(s)`);
  for (const at of [700001, kSegment + 5000, 48000]) {
    mixer.seek(at, 'exact');
    runUp(mixer);
    claim(differing(mixer, Math.min(length, at + 60000), 77) === 0, `from the first sample after a seek to ${String(at)}`);
  }
  mixer.seek(800000, 'settled');
  runUp(mixer);
  const out = Array.from({ length: mixer.channels }, () => new Float32Array(kBlock));
  let quanta = 0;
  for (; !mixer.exact && quanta < 4000; ++quanta) {
    feed(mixer);
    mixer.render(out, 0, kBlock);
    mixer.trueUp(1024);
  }
  claim(mixer.exact && differing(mixer, mixer.position + 40000) === 0, `after a quick seek, once it is exact (after ${((quanta * kBlock) / 48000).toFixed(2)} s)`);
  const strip = live.mix.strips['t0'] ?? {};
  mixer.set('strip', 't0', { ...strip, gain_db: -40 });
  claim(differing(mixer, mixer.position + 5000) > 0, 'a moved fader is heard');
  mixer.set('strip', 't0', strip);
  for (quanta = 0; !mixer.exact && quanta < 4000; ++quanta) {
    feed(mixer);
    mixer.render(out, 0, kBlock);
    mixer.trueUp(1024);
  }
  claim(mixer.exact && differing(mixer, mixer.position + 40000) === 0, 'moved back, it is exact again');
  let refused = '';
  try {
    mixer.set('strip', 't0', { gain_db: 400 });
  } catch (error) {
    refused = String(error);
  }
  claim(refused.includes('gain_db'), `a value past its range is refused: ${refused}`);
}
process.exit(failures === 0 ? 0 : 1);
