/** Likeness of a short sound with every place of a longer one, by the Fourier transform. Pure. */

/** In place, length a power of two; `sign` -1 forwards, 1 back (not divided by the length). */
function transform(re: Float64Array, im: Float64Array, sign: -1 | 1): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; ++i) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] as number, re[i] as number];
      [im[i], im[j]] = [im[j] as number, im[i] as number];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    const sin = Float64Array.from({ length: half }, (_, k) => sign * Math.sin((2 * Math.PI * k) / size));
    for (let start = 0; start < n; start += size)
      for (let k = 0; k < half; ++k) {
        const a = start + k;
        const b = a + half;
        const [c, s, x, y] = [cos[k] as number, sin[k] as number, re[b] as number, im[b] as number];
        const real = x * c - y * s;
        const imaginary = x * s + y * c;
        re[b] = (re[a] as number) - real;
        im[b] = (im[a] as number) - imaginary;
        re[a] = (re[a] as number) + real;
        im[a] = (im[a] as number) + imaginary;
      }
  }
}

/** Sum over i of long[lag + i] x short[i], for every lag at which `short` fits in. */
export function correlate(long: Float32Array, short: Float32Array): Float64Array {
  const lags = Math.max(0, long.length - short.length + 1);
  let n = 1;
  while (n < long.length) n *= 2;
  // Both are real: one transform does for two.
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  re.set(long);
  im.set(short);
  transform(re, im, -1);
  const out_re = new Float64Array(n);
  const out_im = new Float64Array(n);
  for (let k = 0; k < n; ++k) {
    const m = (n - k) % n;
    const [a, b, c, d] = [re[k] as number, im[k] as number, re[m] as number, im[m] as number];
    const [long_re, long_im] = [(a + c) / 2, (b - d) / 2];
    const [short_re, short_im] = [(b + d) / 2, (c - a) / 2];
    out_re[k] = long_re * short_re + long_im * short_im;
    out_im[k] = long_im * short_re - long_re * short_im;
  }
  transform(out_re, out_im, 1);
  return out_re.subarray(0, lags).map((x) => x / n);
}
