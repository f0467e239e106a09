import { kPhases, type PhaseName } from '$lib/api/values';
import { blend, pixel, rgb, type Pixel, type Rgb } from './raster.ts';

/** Colours of a clip, by phase and whether it is heard or selected. */
export interface ClipColours {
  body: Pixel;
  head: Pixel;
  wave: Pixel;
  edge: Pixel;
  faded: Pixel;
  curve: Pixel;
  ghost: Pixel;
}

export interface Palette {
  lane: Pixel;
  lane_alt: Pixel;
  lane_focus: Pixel;
  line: Pixel;
  beat: Pixel;
  accent: Pixel;
  outside: Pixel;
  usual: Record<PhaseName, ClipColours>;
  selected: Record<PhaseName, ClipColours>;
  silent: Record<PhaseName, ClipColours>;
  text: string;
  dim: string;
  head_text: string;
  line_css: string;
  accent_css: string;
  playhead: string;
  warn: string;
  phase_css: Record<PhaseName, string>;
}

function clipColours(lane: Rgb, colour: Rgb, text: Rgb, strength: number): ClipColours {
  return {
    body: pixel(blend(lane, colour, 0.2 * strength)),
    head: pixel(blend(lane, colour, 0.42 * strength)),
    wave: pixel(blend(lane, colour, 0.92 * strength)),
    edge: pixel(blend(lane, colour, 0.62 * strength)),
    faded: pixel(blend(lane, colour, 0.07 * strength)),
    curve: pixel(blend(colour, text, 0.55)),
    ghost: pixel(blend(lane, colour, 0.16)),
  };
}

/** The theme's colours as an element sees them. */
export function paletteOf(style: { getPropertyValue(name: string): string }): Palette {
  const css = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const of = (name: string): Rgb => rgb(css(name));
  const [lane, text, line, accent] = [of('lane'), of('text'), of('line'), of('accent')];
  const each = <Value>(make: (phase: PhaseName) => Value): Record<PhaseName, Value> => Object.fromEntries(kPhases.map((phase) => [phase, make(phase)])) as Record<PhaseName, Value>;
  return {
    lane: pixel(lane),
    lane_alt: pixel(of('lane-alt')),
    lane_focus: pixel(blend(lane, accent, 0.06)),
    line: pixel(line),
    beat: pixel(blend(lane, line, 0.5)),
    accent: pixel(accent),
    outside: pixel(of('ground')),
    usual: each((phase) => clipColours(lane, of(phase), text, 1)),
    selected: each((phase) => clipColours(blend(lane, of(phase), 0.16), blend(of(phase), text, 0.28), text, 1)),
    silent: each(() => clipColours(lane, of('faint'), text, 0.7)),
    text: css('text'),
    dim: css('dim'),
    head_text: css('text'),
    line_css: css('line'),
    accent_css: css('accent'),
    playhead: css('playhead'),
    warn: css('warn'),
    phase_css: each((phase) => css(phase)),
  };
}
