/** How long sound takes from being played to being recorded, measured by chirps. Pure. */
import { correlate } from './correlate.ts';

const kLength_s = 0.1;
const kLowHz = 300;
const kHighHz = 6000;
export const kChirps = 5;
export const kChirpSpacing_s = 0.7;
export const kMostLatency_s = 0.55;
export const kMostSpread_ms = 2;
const kLeastScore = 0.25;

/** A logarithmic sweep with soft edges: its likeness with itself is a single narrow peak, also when much of it is lost in a small speaker. */
export function makeChirp(rate_hz: number): Float32Array<ArrayBuffer> {
  const length = Math.round(kLength_s * rate_hz);
  const ratio = Math.log(kHighHz / kLowHz);
  const edge = 0.008 * rate_hz;
  return Float32Array.from({ length }, (_, i) => {
    const phase = ((2 * Math.PI * kLowHz * kLength_s) / ratio) * (Math.exp((ratio * i) / length) - 1);
    return 0.5 * Math.min(1, i / edge, (length - i) / edge) * Math.sin(phase);
  });
}

export interface Found {
  /** Samples from the start of `heard`, between samples too. */
  at: number;
  /** 0 to 1: how much of what is there is the chirp. */
  score: number;
}

/** Where the chirp lies in what was heard. Polarity does not count: amplifiers turn it. */
export function findChirp(heard: Float32Array, chirp: Float32Array): Found {
  const likeness = correlate(heard, chirp).map(Math.abs);
  if (likeness.length === 0) return { at: 0, score: 0 };
  let best = 0;
  likeness.forEach((value, lag) => void (value > (likeness[best] as number) && (best = lag)));
  const most = likeness[best] as number;
  let chirp_energy = 0;
  let energy = 0;
  chirp.forEach((x, i) => {
    chirp_energy += x * x;
    energy += (heard[best + i] ?? 0) ** 2;
  });
  const score = energy > 0 ? most / Math.sqrt(energy * chirp_energy) : 0;
  const [left, right] = [likeness[best - 1] ?? most, likeness[best + 1] ?? most];
  const bend = left - 2 * most + right;
  const inside = best > 0 && best < likeness.length - 1;
  return { at: best + (inside && bend < 0 ? (left - right) / (2 * bend) : 0), score };
}

export type Calibration =
  | { ok: true; latency_ms: number; spread_ms: number; latencies_ms: number[] }
  | { ok: false; why: 'not_heard' | 'spread'; spread_ms: number; latencies_ms: number[] };

/** `heard[k]` begins at the frame at which chirp k was played. The median counts; refused where the five differ by more than 2 ms. */
export function judgeChirps(heard: readonly Float32Array[], rate_hz: number): Calibration {
  const chirp = makeChirp(rate_hz);
  const found = heard.map((sound) => findChirp(sound, chirp));
  const latencies_ms = found.filter(({ score }) => score >= kLeastScore).map(({ at }) => (at * 1000) / rate_hz);
  const sorted = [...latencies_ms].sort((a, b) => a - b);
  const spread_ms = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  const median = sorted[sorted.length >> 1];
  if (median === undefined || latencies_ms.length < heard.length) return { ok: false, why: 'not_heard', spread_ms, latencies_ms };
  if (spread_ms > kMostSpread_ms) return { ok: false, why: 'spread', spread_ms, latencies_ms };
  return { ok: true, latency_ms: median, spread_ms, latencies_ms };
}

/** What was measured for a microphone and headphones, kept in the browser. */
export interface KeptLatency {
  latency_ms: number;
  spread_ms: number;
  /** Milliseconds since 1970. */
  at: number;
}
const kKey = 'twopop.booth.latency';

export function keptLatencies(storage: Pick<Storage, 'getItem'>): Record<string, KeptLatency> {
  try {
    const value: unknown = JSON.parse(storage.getItem(kKey) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, KeptLatency>) : {};
  } catch {
    return {};
  }
}

/** Keeps the newest twenty devices. */
export function keepLatency(storage: Pick<Storage, 'getItem' | 'setItem'>, device: string, kept: KeptLatency): void {
  const newest = Object.entries({ ...keptLatencies(storage), [device]: kept }).sort(([, a], [, b]) => b.at - a.at).slice(0, 20);
  storage.setItem(kKey, JSON.stringify(Object.fromEntries(newest)));
}
