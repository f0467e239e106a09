/** Pixels in memory: what the timeline is painted with. Much faster than canvas paths without a GPU, and the same everywhere. */

/** A colour as the bytes lie in an ImageData on a little-endian machine. */
export type Pixel = number;
export type Rgb = readonly [number, number, number];

export const pixel = ([r, g, b]: Rgb): Pixel => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
export const blend = (under: Rgb, over: Rgb, share: number): Rgb => [0, 1, 2].map((at) => Math.round((under[at] ?? 0) * (1 - share) + (over[at] ?? 0) * share)) as unknown as Rgb;

/** "#rrggbb" or "#rgb"; grey for anything else. */
export function rgb(text: string): Rgb {
  const hex = text.trim().replace('#', '');
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  const number = /^[0-9a-f]{6}/i.test(full) ? parseInt(full.slice(0, 6), 16) : 0x808080;
  return [number >> 16, (number >> 8) & 255, number & 255];
}

export class Raster {
  readonly width: number;
  readonly height: number;
  readonly image: ImageData;
  readonly pixels: Uint32Array;

  constructor(width: number, height: number, make: (width: number, height: number) => ImageData = (w, h) => new ImageData(w, h)) {
    this.width = Math.max(1, Math.floor(width));
    this.height = Math.max(1, Math.floor(height));
    this.image = make(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  fill(colour: Pixel): void {
    this.pixels.fill(colour);
  }

  rect(x: number, y: number, width: number, height: number, colour: Pixel): void {
    const from = Math.max(0, Math.floor(x));
    const to = Math.min(this.width, Math.floor(x + width));
    const last = Math.min(this.height, Math.floor(y + height));
    if (to <= from) return;
    for (let row = Math.max(0, Math.floor(y)); row < last; ++row) this.pixels.fill(colour, row * this.width + from, row * this.width + to);
  }

  /** A column of one pixel's width; rows are clamped. */
  column(x: number, y: number, end: number, colour: Pixel): void {
    if (x < 0 || x >= this.width) return;
    const last = Math.min(this.height, end);
    for (let at = Math.max(0, y) * this.width + x, stop = last * this.width + x; at < stop; at += this.width) this.pixels[at] = colour;
  }

  frame(x: number, y: number, width: number, height: number, colour: Pixel): void {
    this.rect(x, y, width, 1, colour);
    this.rect(x, y + height - 1, width, 1, colour);
    this.rect(x, y, 1, height, colour);
    this.rect(x + width - 1, y, 1, height, colour);
  }

  /** A steep or flat line, one pixel wide, without smoothing; cut off at `top` and `bottom`. */
  line(x0: number, y0: number, x1: number, y1: number, top: number, bottom: number, colour: Pixel): void {
    const from = Math.max(0, Math.floor(Math.min(x0, x1)));
    const to = Math.min(this.width - 1, Math.floor(Math.max(x0, x1)));
    const slope = x1 === x0 ? 0 : (y1 - y0) / (x1 - x0);
    for (let x = from; x <= to; ++x) {
      const a = x1 === x0 ? y0 : y0 + (Math.max(x, Math.min(x0, x1)) - x0) * slope;
      const b = x1 === x0 ? y1 : y0 + (Math.min(x + 1, Math.max(x0, x1)) - x0) * slope;
      const [low, high] = a < b ? [a, b] : [b, a];
      this.column(x, Math.max(top, Math.floor(low)), Math.min(bottom, Math.max(Math.floor(low) + 1, Math.ceil(high))), colour);
    }
  }
}
