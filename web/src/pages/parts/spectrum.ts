/** Spectrograms of short clips, computed here from their samples. Pure. */

/** In-place radix-2 FFT of complex numbers held apart. The length is a power of two. */
export function fft(re: Float32Array, im: Float32Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const r = re[i] as number;
      const q = im[i] as number;
      re[i] = re[j] as number;
      im[i] = im[j] as number;
      re[j] = r;
      im[j] = q;
    }
  }
  for (let size = 2; size <= n; size <<= 1) {
    const half = size >> 1;
    const step = (-2 * Math.PI) / size;
    for (let k = 0; k < half; k++) {
      const c = Math.cos(step * k);
      const s = Math.sin(step * k);
      for (let at = k; at < n; at += size) {
        const br = re[at + half] as number;
        const bi = im[at + half] as number;
        const xr = br * c - bi * s;
        const xi = br * s + bi * c;
        const ar = re[at] as number;
        const ai = im[at] as number;
        re[at + half] = ar - xr;
        im[at + half] = ai - xi;
        re[at] = ar + xr;
        im[at] = ai + xi;
      }
    }
  }
}

export interface SpectrogramShape {
  width: number;
  height: number;
  rate_hz: number;
  low_hz: number;
  high_hz: number;
}

/** Levels in dBFS, column after column, lowest frequency first; frequencies run in equal steps of pitch. Sines read their peak level. */
export function spectrogram(sound: Float32Array, shape: SpectrogramShape, size = 2048): Float32Array {
  const out = new Float32Array(shape.width * shape.height).fill(-140);
  if (sound.length === 0) return out;
  const window = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size));
  const re = new Float32Array(size);
  const im = new Float32Array(size);
  const levels = new Float32Array(size / 2 + 1);
  const edges = Array.from({ length: shape.height + 1 }, (_, i) => ((shape.low_hz * (shape.high_hz / shape.low_hz) ** (i / shape.height)) / shape.rate_hz) * size);
  for (let x = 0; x < shape.width; x++) {
    const middle = Math.round(((x + 0.5) / shape.width) * sound.length);
    const begin = middle - size / 2;
    for (let i = 0; i < size; i++) {
      re[i] = (sound[begin + i] ?? 0) * (window[i] as number);
      im[i] = 0;
    }
    fft(re, im);
    for (let i = 0; i <= size / 2; i++) levels[i] = Math.hypot(re[i] as number, im[i] as number) * (4 / size);
    for (let y = 0; y < shape.height; y++) {
      const from = Math.max(0, Math.floor(edges[y] as number));
      const to = Math.min(size / 2, Math.max(from, Math.ceil(edges[y + 1] as number) - 1));
      let most = 0;
      for (let i = from; i <= to; i++) most = Math.max(most, levels[i] as number);
      out[x * shape.height + y] = 20 * Math.log10(most + 1e-7);
    }
  }
  return out;
}

/** Colours of levels: black through violet and orange to pale yellow, rising in lightness. */
export function paint(levels: Float32Array, width: number, height: number, floor_db: number, top_db: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) {
      const p = Math.min(1, Math.max(0, ((levels[x * height + y] as number) - floor_db) / (top_db - floor_db)));
      const at = ((height - 1 - y) * width + x) * 4;
      pixels[at] = 255 * Math.min(1, Math.max(0, 1.9 * p - 0.28 + 0.25 * p * (1 - p)));
      pixels[at + 1] = 255 * Math.max(0, 1.55 * p - 0.62) ** 1.05;
      pixels[at + 2] = 255 * (p < 0.45 ? 1.35 * p : Math.max(0.18, 0.9 - 1.1 * p) + (p > 0.85 ? (p - 0.85) * 3 : 0));
      pixels[at + 3] = 255;
    }
  return pixels;
}

/** What was taken away: before less after, as far as both reach. */
export function residue(before: Float32Array, after: Float32Array): Float32Array {
  return Float32Array.from({ length: Math.min(before.length, after.length) }, (_, i) => (before[i] as number) - (after[i] as number));
}

/** RMS level in dBFS. */
export function rmsDb(sound: Float32Array): number {
  let sum = 0;
  for (const s of sound) sum += s * s;
  return sound.length === 0 ? -Infinity : 10 * Math.log10(sum / sound.length + 1e-30);
}
