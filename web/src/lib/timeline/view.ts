/** What of the film is in view. Values; every function returns another. Pixels are those of the page. */
export interface View {
  /** Sample at the left edge; may be a part of one. */
  begin: number;
  samples_per_px: number;
  width: number;
  /** Scrolled down by so many pixels. */
  top: number;
  height: number;
}

/** Eight pixels a sample at most. */
export const kClosest = 1 / 8;

export const xOf = (view: View, at: number): number => (at - view.begin) / view.samples_per_px;
export const atX = (view: View, x: number): number => view.begin + x * view.samples_per_px;
export const end = (view: View): number => view.begin + view.width * view.samples_per_px;

/** Keeps the film in view: a little room behind its end, none before its start. */
export function kept(view: View, length: number, content_height: number): View {
  const widest = Math.max(1, (length * 1.05) / Math.max(1, view.width));
  const samples_per_px = Math.min(widest, Math.max(kClosest, view.samples_per_px));
  const most = Math.max(0, length * 1.05 - view.width * samples_per_px);
  return { ...view, samples_per_px, begin: Math.min(most, Math.max(0, view.begin)), top: Math.min(Math.max(0, content_height - view.height), Math.max(0, view.top)) };
}

/** Zooms so that the sample at x stays there. */
export function zoomed(view: View, factor: number, x: number): View {
  const at = atX(view, x);
  const samples_per_px = Math.max(kClosest, view.samples_per_px * factor);
  return { ...view, samples_per_px, begin: at - x * samples_per_px };
}

/** Shows a stretch with some room around it. */
export function showing(view: View, from: number, to: number): View {
  const room = (to - from) * 0.06 + 1;
  const samples_per_px = Math.max(kClosest, (to - from + 2 * room) / Math.max(1, view.width));
  return { ...view, samples_per_px, begin: from - room };
}

/** Brings a sample into view without changing the zoom, if it is not in view. */
export function revealing(view: View, at: number): View {
  const x = xOf(view, at);
  if (x >= 8 && x <= view.width - 8) return view;
  return { ...view, begin: at - (view.width * view.samples_per_px) / 4 };
}

/** Distance of ruler lines: the smallest of the steps that gives at least `px` between two. */
export function rulerStep(view: View, steps: readonly number[], px: number): number {
  return steps.find((step) => step / view.samples_per_px >= px) ?? steps.at(-1) ?? 1;
}
