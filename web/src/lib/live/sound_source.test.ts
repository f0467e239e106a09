import { describe, expect, it } from 'vitest';
import { kChunkFrames } from './engine.ts';
import { SoundSource } from './sound_source.ts';

const kLength = 5 * kChunkFrames;
/** Samples that say where they lie. */
const ramp = (chunk: number): Float32Array => Float32Array.from({ length: kChunkFrames }, (_, i) => (chunk * kChunkFrames + i) / 2 ** 24);

function filled(): SoundSource {
  const source = new SoundSource('mix');
  for (let chunk = 0; chunk < 3; ++chunk) source.handOver(chunk, 1, ramp(chunk));
  return source;
}
const heard = (source: SoundSource, at: number, speed: number): number[] | null => {
  const out = [new Float32Array(4)];
  return source.render(out, 0, 4, at, speed) ? Array.from(out[0] ?? [], (x) => x * 2 ** 24) : null;
};

describe('a sound of the server', () => {
  it('gives its own samples at speed 1, over the joint of chunks', () => {
    expect(heard(filled(), kChunkFrames - 2, 1)).toEqual([kChunkFrames - 2, kChunkFrames - 1, kChunkFrames, kChunkFrames + 1]);
  });
  it('runs at other speeds and backwards', () => {
    expect(heard(filled(), 1000, 4)).toEqual([1000, 1004, 1008, 1012]);
    expect(heard(filled(), 1000, -2)).toEqual([1000, 998, 996, 994]);
  });
  it('plays nothing where a chunk is missing, and asks for it first', () => {
    expect(heard(filled(), 3 * kChunkFrames - 1, 1)).toBeNull();
    expect(filled().wanted(3 * kChunkFrames - 1, 1, kLength)[0]).toEqual({ sound: 'mix', chunk: 3 });
  });
  it('asks for what lies behind when it runs backwards', () => {
    const source = new SoundSource('mix');
    expect(source.wanted(3 * kChunkFrames, -1, kLength).map(({ chunk }) => chunk)).toEqual([3, 2, 1]);
  });
  it('forgets what lies far behind, so that memory does not grow with the film', () => {
    const source = new SoundSource('mix');
    for (let chunk = 0; chunk < 200; ++chunk) {
      source.handOver(chunk, 2, null);
      source.wanted(chunk * kChunkFrames, 1, 1e12);
    }
    expect(heard(source, 190 * kChunkFrames, 1)).toBeNull();
    expect(heard(source, 198 * kChunkFrames, 1)).toEqual([0, 0, 0, 0]);
  });
});
