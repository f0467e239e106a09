import { gainAtY, gainY, kHead } from './paint.ts';
import { clipsIn, type Clip, type Model } from './model.ts';
import { atX, xOf, type View } from './view.ts';

/** What lies under the pointer. */
export type Zone = 'body' | 'in' | 'out' | 'fade_in' | 'fade_out' | 'gain';
export type Hit = { kind: 'clip'; clip: Clip; track: number; zone: Zone } | { kind: 'lane'; track: number } | { kind: 'nothing' };

const kEdge = 6;

export function trackAtY(view: View, row_height: number, y: number): number {
  return Math.floor((y + view.top) / row_height);
}

export function hitTest(model: Model, view: View, row_height: number, x: number, y: number): Hit {
  const index = trackAtY(view, row_height, y);
  const track = model.tracks[index];
  if (!track) return { kind: 'nothing' };
  const at = atX(view, x);
  const near = kEdge * view.samples_per_px;
  const under = clipsIn(track, at - near, at + near);
  // Of clips that overlap, the one whose edge is nearest, else the one that begins last.
  const inside = under.filter((clip) => clip.in <= at && at < clip.out);
  const clip = inside.at(-1) ?? under.find((one) => Math.abs(one.in - at) <= near / 2 || Math.abs(one.out - at) <= near / 2);
  if (!clip) return { kind: 'lane', track: index };
  return { kind: 'clip', clip, track: index, zone: zoneOf(clip, view, x, y + view.top - index * row_height, row_height) };
}

/** `y` from the top of the lane. */
function zoneOf(clip: Clip, view: View, x: number, y: number, row_height: number): Zone {
  const [x0, x1] = [xOf(view, clip.in), xOf(view, clip.out)];
  const wide = x1 - x0;
  const edge = Math.min(kEdge, wide / 4);
  const head = row_height > 30 ? kHead : 0;
  const top = 2 + head;
  const height = row_height - 5 - head;
  if (head && y < top + 6 && wide > 40) {
    const fade_in = xOf(view, clip.in + (clip.fade_in?.length_samples ?? 0));
    const fade_out = xOf(view, clip.out - (clip.fade_out?.length_samples ?? 0));
    if (y >= top - 4) {
      if (clip.fade_in && Math.abs(x - fade_in) <= 6) return 'fade_in';
      if (clip.fade_out && Math.abs(x - fade_out) <= 6) return 'fade_out';
    }
  }
  if (x - x0 <= edge) return 'in';
  if (x1 - x <= edge) return 'out';
  if (height > 16 && y > top + 3 && Math.abs(y - gainY(clip.gain_db, top, height)) <= 3) return 'gain';
  return 'body';
}

/** Gain at a height within the lane. */
export function gainUnder(y: number, row_height: number): number {
  const head = row_height > 30 ? kHead : 0;
  return gainAtY(y, 2 + head, row_height - 5 - head);
}
