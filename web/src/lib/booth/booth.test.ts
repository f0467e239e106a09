import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findChirp, judgeChirps, keepLatency, keptLatencies, makeChirp } from './chirp.ts';
import { correlate } from './correlate.ts';
import { filmAt, kPassSettings, makeBeep, overlayAt, planPass } from './plan.ts';
import { Sha256 } from './sha256.ts';

const kRate = 44100;

describe('a pass', () => {
  const pass = planPass({ in_samples: 480000, out_samples: 624000 }, 48000, kRate, 10000, kPassSettings);
  it('has its beeps a second apart and the line on the beep that is not played', () => {
    expect(pass.beep_frames.map((frame) => (pass.in_frame - frame) / kRate)).toEqual([3, 2, 1]);
    expect(pass.in_frame).toBe(10000 + 4 * kRate);
    expect((pass.out_frame - pass.in_frame) / kRate).toBe(3);
  });
  it('knows which film position is played at every frame', () => {
    expect(filmAt(pass, pass.in_frame)).toBe(480000);
    expect(filmAt(pass, pass.out_frame)).toBe(624000);
    expect(filmAt(pass, pass.anchor_frame)).toBe(pass.from_samples);
  });
  it('holds the first picture where the cue lies at the start of the film', () => {
    const early = planPass({ in_samples: 48000, out_samples: 96000 }, 48000, 48000, 0, kPassSettings);
    expect(early.from_samples).toBe(0);
    expect(filmAt(early, 0)).toBe(0);
    expect(filmAt(early, early.in_frame)).toBe(48000);
  });
  it('counts 3, 2, 1 with the beeps, and the streamer arrives at the in', () => {
    expect(pass.beep_frames.map((frame) => overlayAt(pass, frame, kPassSettings).count)).toEqual([3, 2, 1]);
    expect(overlayAt(pass, pass.in_frame - kRate, kPassSettings).streamer).toBeCloseTo(0.5, 6);
    expect(overlayAt(pass, pass.in_frame - 1, kPassSettings).streamer).toBeGreaterThan(0.999);
    expect(overlayAt(pass, pass.in_frame, kPassSettings)).toMatchObject({ streamer: null, count: 0, flash: 1, line: 0 });
    expect(overlayAt(pass, pass.beep_frames[0] as number - 1, kPassSettings).count).toBe(0);
  });
  it('has beeps of 40 ms at 1 kHz that begin and end softly', () => {
    const beep = makeBeep(48000);
    expect(beep.length).toBe(1920);
    expect(Math.abs(beep[0] as number)).toBe(0);
    expect(Math.max(...beep)).toBeCloseTo(0.35, 2);
  });
});

/** The chirp `late` samples into silence and noise, quieter, turned over, through a filter that only lets the middle pass. */
function heardChirp(late: number, noise = 0.01): Float32Array {
  const chirp = makeChirp(kRate);
  const heard = Float32Array.from({ length: chirp.length + Math.round(0.5 * kRate) }, (_, i) => noise * Math.sin(i * i * 0.37 + i));
  const whole = Math.floor(late);
  const part = late - whole;
  chirp.forEach((x, i) => {
    const before = chirp[i - 1] ?? 0;
    heard[i + whole] = (heard[i + whole] as number) - 0.1 * (x * (1 - part) + before * part);
  });
  return heard;
}

describe('calibration', () => {
  it('compares as the plain sum does', () => {
    const long = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i * i));
    const short = Float32Array.from({ length: 41 }, (_, i) => Math.cos(i * 3.3));
    const fast = correlate(long, short);
    expect(fast).toHaveLength(260);
    fast.forEach((value, lag) => expect(value).toBeCloseTo(short.reduce((sum, x, i) => sum + x * (long[lag + i] as number), 0), 4));
  });
  it('finds a chirp to a tenth of a sample, whatever its level and polarity', () => {
    for (const late of [0, 1323.25, 4410.5, 15000]) expect(findChirp(heardChirp(late), makeChirp(kRate)).at).toBeCloseTo(late, 0.5);
  });
  it('takes the median of five', () => {
    const judged = judgeChirps([4000, 4010, 4020, 4005, 4000].map((late) => heardChirp(late)), kRate);
    expect(judged.ok).toBe(true);
    if (judged.ok) expect(judged.latency_ms).toBeCloseTo((4005 * 1000) / kRate, 2);
  });
  it('refuses chirps that differ by more than 2 ms, and silence', () => {
    expect(judgeChirps([4000, 4000, 4000, 4000, 4100].map((late) => heardChirp(late)), kRate)).toMatchObject({ ok: false, why: 'spread' });
    const silent = Array.from({ length: 5 }, () => new Float32Array(20000));
    expect(judgeChirps(silent, kRate)).toMatchObject({ ok: false, why: 'not_heard' });
    const noise = Array.from({ length: 5 }, (_, k) => Float32Array.from({ length: 20000 }, (_unused, i) => Math.sin(i * i * 0.37 + i * k)));
    expect(judgeChirps(noise, kRate)).toMatchObject({ ok: false, why: 'not_heard' });
  });
  it('is kept for the newest twenty devices', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    for (let i = 0; i < 30; ++i) keepLatency(storage, `mic ${i}`, { latency_ms: i, spread_ms: 0, at: i });
    expect(Object.keys(keptLatencies(storage))).toHaveLength(20);
    expect(keptLatencies(storage)['mic 29']?.latency_ms).toBe(29);
    kept.set('twopop.booth.latency', 'broken');
    expect(keptLatencies(storage)).toEqual({});
  });
});

describe('the checksum', () => {
  it('is that of every other SHA-256, in whatever portions the bytes come', () => {
    expect(new Sha256().hex()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const length of [1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003]) {
      const bytes = randomBytes(length);
      const sum = new Sha256();
      for (let at = 0; at < length; at += 77) sum.add(bytes.subarray(at, at + 77));
      expect(sum.hex(), `${length} bytes`).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });
});
