/** How a take lies against its line, as the server measures it, and how that is drawn. */
import type { TakeFitInfo } from '$lib/api';

export interface WarpBar {
  /** 0 to 1 along the take and along the line. */
  take: number;
  line: number;
  /** How far the take is drawn out from here to the next point: 1 as spoken. */
  stretch: number;
}

/** The map as bars between take and line, no closer than 1/60 of the take, each with the stretch that follows. */
export function warpBars(fit: Pick<TakeFitInfo, 'take_s' | 'line_s'>): WarpBar[] {
  const { take_s, line_s } = fit;
  const [t0, l0] = [take_s[0] ?? 0, line_s[0] ?? 0];
  const [t1, l1] = [take_s.at(-1) ?? 1, line_s.at(-1) ?? 1];
  const [take_length, line_length] = [Math.max(t1 - t0, 1e-6), Math.max(l1 - l0, 1e-6)];
  const bars: WarpBar[] = [];
  let last = -1;
  for (let i = 0; i < take_s.length; i++) {
    const place = ((take_s[i] ?? 0) - t0) / take_length;
    if (i > 0 && i < take_s.length - 1 && place - last < 1 / 60) continue;
    last = place;
    bars.push({ take: place, line: ((line_s[i] ?? 0) - l0) / line_length, stretch: 1 });
  }
  for (let i = 0; i + 1 < bars.length; i++) {
    const [a, b] = [bars[i] as WarpBar, bars[i + 1] as WarpBar];
    a.stretch = ((b.line - a.line) * line_length) / Math.max((b.take - a.take) * take_length, 1e-6);
  }
  return bars;
}
