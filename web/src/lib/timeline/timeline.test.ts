import { describe, expect, it } from 'vitest';
import { fadeGain } from './fades.ts';
import { hitTest } from './hit.ts';
import { buildModel, clipsIn } from './model.ts';
import { columns, kTile, levelFor, PeakStore, samplesPerPeak } from './peaks.ts';
import { blend, pixel, Raster, rgb } from './raster.ts';
import { kChunk, sampleColumns, SampleStore } from './samples.ts';
import { edgesNear, onsets, snapped, snappedShift, stepFrames } from './snap.ts';
import { smallDocument } from './testing.ts';
import { atX, kClosest, kept, showing, xOf, zoomed, type View } from './view.ts';

const k25 = { numerator: 25, denominator: 1 };
const view: View = { begin: 0, samples_per_px: 480, width: 1000, top: 0, height: 300 };

describe('the model', () => {
  it('keeps clips of items that did not change, so that an edit costs what it touches', () => {
    const document = smallDocument();
    const before = buildModel(document);
    const c1 = document.dialogue.clips['c1'];
    if (!c1) throw new Error();
    const after = buildModel({ ...document, dialogue: { ...document.dialogue, clips: { ...document.dialogue.clips, c1: { ...c1, gain_db: 3 } } } });
    expect(after.clips.get('/dialogue/clips/c2')?.clip).toBe(before.clips.get('/dialogue/clips/c2')?.clip);
    expect(after.clips.get('/dialogue/clips/c1')?.clip.gain_db).toBe(3);
  });
  it('finds what is in view like a plain search does', () => {
    const track = buildModel(smallDocument()).tracks[0];
    if (!track) throw new Error();
    for (let from = 0; from < 300000; from += 7001)
      for (const length of [1, 5000, 100000]) expect(clipsIn(track, from, from + length)).toEqual(track.clips.filter((clip) => clip.in < from + length && clip.out > from));
  });
});

describe('samples of the closest zoom', () => {
  const chunks = [0, 1].map((number) => Float32Array.from({ length: kChunk }, (_, at) => Math.sin((number * kChunk + at) * 0.37)));
  const store = new SampleStore((_, chunk) => Promise.resolve(chunks[chunk] ?? null), () => undefined);
  it('are the least and the most of each pixel, across two chunks', async () => {
    const into = new Int8Array(200);
    const first = kChunk - 300;
    expect(sampleColumns(store, 'clip', first, 7, 100, into)).toBe(false);
    await Promise.resolve();
    store.chunk('clip', 1);
    await Promise.resolve();
    expect(sampleColumns(store, 'clip', first, 7, 100, into)).toBe(true);
    for (let x = 0; x < 100; ++x) {
      const wave = Array.from({ length: 8 }, (_, at) => Math.sin((first + x * 7 + at) * 0.37));
      expect(into[x * 2]).toBe(Math.round(Math.min(...wave) * 127));
      expect(into[x * 2 + 1]).toBe(Math.round(Math.max(...wave) * 127));
    }
  });
  it('lie on a straight line between two of them', () => {
    const into = new Int8Array(2);
    sampleColumns(store, 'clip', 10.25, 0.25, 1, into);
    expect(into[0]).toBeLessThanOrEqual(into[1] ?? -128);
    expect(Math.abs((into[0] ?? 0) - 127 * (Math.sin(3.7) * 0.75 + Math.sin(4.07) * 0.25))).toBeLessThanOrEqual(16);
  });
});

describe('the view', () => {
  it('zooms about a place that stays where it is', () => {
    for (const factor of [0.5, 2, 0.9]) expect(atX(zoomed(view, factor, 300), 300)).toBeCloseTo(atX(view, 300), 6);
  });
  it('goes down to single samples and up to the whole film, and not beyond', () => {
    expect(kept(zoomed(view, 1e-9, 0), 4800000, 100).samples_per_px).toBe(kClosest);
    const all = kept(zoomed(view, 1e9, 0), 4800000, 100);
    expect(xOf(all, 4800000)).toBeLessThanOrEqual(1000);
    expect(all.begin).toBe(0);
  });
  it('shows a stretch whole', () => {
    const shown = showing(view, 1000, 2000);
    expect(xOf(shown, 1000)).toBeGreaterThan(0);
    expect(xOf(shown, 2000)).toBeLessThan(1000);
  });
});

describe('snapping', () => {
  const settings = { rate: k25, rate_hz: 48000, reach: 500 };
  it('prefers an edge within reach to a frame, and a frame to nothing', () => {
    expect(snapped(96300, [{ at: 96500, kind: 'edge' }], settings)).toEqual({ at: 96500, kind: 'edge' });
    expect(snapped(96300, [], settings)).toEqual({ at: 96000, kind: 'frame' });
    expect(snapped(96960, [], settings)).toBeNull();
  });
  it('lets the end of a moved clip find its place as well as its start', () => {
    expect(snappedShift(0, 10000, 85900, [{ at: 96000, kind: 'edge' }], settings).shift).toBe(86000);
  });
  it('finds edges on every lane but those of the clip itself', () => {
    const points = edgesNear(buildModel(smallDocument()), 96000, 100, new Set(['/dialogue/clips/c1']));
    expect(points).toEqual([{ at: 96000, kind: 'edge' }]);
  });
  it('finds where a sound begins in its peaks', () => {
    const peaks = new Int8Array(400);
    for (let at = 100; at < 130; ++at) peaks[at * 2 + 1] = 100 - at / 4;
    const found = onsets(peaks, 48000, 256);
    expect(found).toEqual([48000 + 100 * 256]);
  });
  it('steps by frames from anywhere within one', () => {
    expect(stepFrames(1921, 1, k25, 48000)).toBe(3840);
    expect(stepFrames(1921, -1, k25, 48000)).toBe(0);
    expect(stepFrames(0, -1, k25, 48000)).toBe(0);
  });
});

describe('what lies under the pointer', () => {
  const model = buildModel(smallDocument());
  const row = 56;
  it('is an edge near an edge, a fade at its corner, else the clip, else the lane', () => {
    expect(hitTest(model, view, row, 100 + 2, 45)).toMatchObject({ kind: 'clip', zone: 'in', clip: { id: 'c1' } });
    expect(hitTest(model, view, row, 150, 50)).toMatchObject({ kind: 'clip', zone: 'body' });
    expect(hitTest(model, view, row, 350, 30)).toEqual({ kind: 'lane', track: 0 });
    expect(hitTest(model, view, row, 350, 290)).toEqual({ kind: 'nothing' });
  });
});

describe('peaks', () => {
  it('are read at a level of which a pixel needs one to four', () => {
    for (const per_px of [256, 300, 1000, 4096, 100000, 1e6]) {
      const points = per_px / samplesPerPeak(levelFor(per_px));
      expect(points).toBeGreaterThanOrEqual(1);
      expect(points).toBeLessThan(per_px > 256 * 4 ** 9 ? Infinity : 4.0001);
    }
    expect(levelFor(10)).toBe(0);
  });
  it('give for every pixel the least and most of what it covers, across tiles, as a plain search does', async () => {
    const all = Int8Array.from({ length: 2 * 3 * kTile }, (_, at) => ((at * 7919) % 255) - 127);
    const changed = { count: 0 };
    const store = new PeakStore({ fetch: (_source, _channel, _level, begin, count) => Promise.resolve(all.slice(begin * 2, (begin + count) * 2)) }, () => ++changed.count);
    const into = new Int8Array(2 * 300);
    const [first, per_px] = [(kTile - 200) * 256, 700];
    expect(columns(store, 'm', 0, first, per_px, 300, into)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(columns(store, 'm', 0, first, per_px, 300, into)).toBe(true);
    for (let x = 0; x < 300; ++x) {
      const from = Math.floor((first + x * per_px) / 256);
      const to = Math.max(from + 1, Math.ceil((first + (x + 1) * per_px) / 256));
      const part = [...all.subarray(from * 2, to * 2)];
      expect(into[x * 2]).toBe(Math.min(...part.filter((_, at) => at % 2 === 0)));
      expect(into[x * 2 + 1]).toBe(Math.max(...part.filter((_, at) => at % 2 === 1)));
    }
    expect(changed.count).toBe(2);
  });
  it('are asked for again once the server says that they were made', async () => {
    let ready = false;
    const store = new PeakStore({ fetch: () => Promise.resolve(ready ? new Int8Array([1, 2]) : null) }, () => undefined);
    expect(store.tile('m', 0, 0, 0)).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 5));
    ready = true;
    expect(store.tile('m', 0, 0, 0)).toBeNull();
    store.made('m');
    store.tile('m', 0, 0, 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(store.tile('m', 0, 0, 0)).toEqual(new Int8Array([1, 2]));
  });
});

describe('painting', () => {
  const make = (width: number, height: number): ImageData => ({ width, height, data: new Uint8ClampedArray(width * height * 4), colorSpace: 'srgb' }) as unknown as ImageData;
  it('never writes outside, whatever it is asked to draw', () => {
    const raster = new Raster(10, 10, make);
    raster.rect(-5, -5, 100, 100, 1);
    raster.column(20, 0, 5, 9);
    raster.column(3, -5, 100, 2);
    raster.line(-50, -50, 70, 80, 0, 10, 3);
    expect(raster.pixels).toHaveLength(100);
    expect([...raster.pixels].filter((value) => value === 9)).toHaveLength(0);
    expect([...raster.pixels].filter((value) => value === 2 || value === 3).length).toBeGreaterThan(10);
  });
  it('knows its colours', () => {
    expect(rgb('#0f8')).toEqual([0, 255, 136]);
    expect(pixel([1, 2, 3])).toBe(0xff030201);
    expect(blend([0, 0, 0], [100, 200, 50], 0.5)).toEqual([50, 100, 25]);
  });
  it('draws fades from silence to full, all shapes rising', () => {
    for (const shape of ['linear', 'equal_power', 's_curve', 'exponential'] as const) {
      expect(fadeGain(shape, 0)).toBe(0);
      expect(fadeGain(shape, 1)).toBeCloseTo(1, 12);
      for (let t = 0.05; t <= 1; t += 0.05) expect(fadeGain(shape, t)).toBeGreaterThan(fadeGain(shape, t - 0.05));
    }
  });
});
