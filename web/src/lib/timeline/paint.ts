import { fadeGain } from './fades.ts';
import { firstInView, type Clip, type Model, type Track } from './model.ts';
import type { ClipColours, Palette } from './palette.ts';
import { columns, type PeakStore } from './peaks.ts';
import { Raster } from './raster.ts';
import { sampleColumns, type SampleStore } from './samples.ts';
import { kOfSound } from './sources.ts';
import type { View } from './view.ts';

/** Paints the lanes into memory. All measures in device pixels. */
export interface Scene {
  model: Model;
  view: View;
  row_height: number;
  /** Device pixels for one of the page. */
  scale: number;
  palette: Palette;
  selected: ReadonlySet<string>;
  focus: number;
  /** Distance of the grid's lines in samples. */
  grid: number;
  peaks: PeakStore;
  samples: SampleStore;
  /** Sample rate of a recording. */
  rate_of: (media: string) => number;
  soloed: boolean;
  automation: boolean;
}

/** A name to be written over the picture. */
export interface Label {
  x: number;
  y: number;
  width: number;
  text: string;
  dim: boolean;
}

export const kHead = 14;
const kMargin = 2;

export function paint(raster: Raster, scene: Scene): Label[] {
  const { model, view, palette, scale } = scene;
  const rows = scene.row_height * scale;
  const labels: Label[] = [];
  raster.fill(palette.lane);
  const first = Math.max(0, Math.floor((view.top * scale) / rows));
  for (let index = first; index < model.tracks.length; ++index) {
    const track = model.tracks[index];
    const top = Math.round(index * rows - view.top * scale);
    if (!track || top >= raster.height) break;
    const height = Math.round((index + 1) * rows - view.top * scale) - top;
    raster.rect(0, top, raster.width, height, index === scene.focus ? palette.lane_focus : index % 2 === 0 ? palette.lane : palette.lane_alt);
    paintGrid(raster, scene, top, height);
    paintTrack(raster, scene, track, top, height, labels);
    raster.rect(0, top + height - 1, raster.width, 1, palette.line);
  }
  const end = (model.length - view.begin) / (view.samples_per_px / scale);
  if (end < raster.width) raster.rect(Math.max(0, end), 0, raster.width, raster.height, palette.outside);
  return labels;
}

function paintGrid(raster: Raster, { view, grid, palette, scale }: Scene, top: number, height: number): void {
  const per_px = view.samples_per_px / scale;
  for (let at = Math.ceil(view.begin / grid) * grid; ; at += grid) {
    const x = Math.round((at - view.begin) / per_px);
    if (x >= raster.width) return;
    raster.column(x, top, top + height, palette.beat);
  }
}

const wave = new Int8Array(2 * 16384);

function paintTrack(raster: Raster, scene: Scene, track: Track, top: number, height: number, labels: Label[]): void {
  const { view, palette, scale } = scene;
  const per_px = view.samples_per_px / scale;
  const end = view.begin + raster.width * per_px;
  const silent = track.muted || (scene.soloed && !track.soloed);
  const [y, tall] = [top + kMargin, height - 2 * kMargin - 1];
  let painted_to = -1;
  for (let at = firstInView(track, view.begin); at < track.clips.length; ++at) {
    const clip = track.clips[at];
    if (!clip || clip.in >= end) break;
    if (clip.out <= view.begin) continue;
    const x0 = (clip.in - view.begin) / per_px;
    const x1 = (clip.out - view.begin) / per_px;
    const is_selected = scene.selected.has(clip.path);
    const colours = (silent || clip.muted ? palette.silent : is_selected ? palette.selected : palette.usual)[track.phase];
    // Crowds of clips narrower than a pixel are one column.
    if (x1 - x0 < 2) {
      const x = Math.floor(x0);
      if (x === painted_to && !is_selected) continue;
      painted_to = x;
      raster.column(x, y, y + tall, is_selected ? palette.accent : colours.edge);
      continue;
    }
    if (is_selected) paintHandles(raster, scene, clip, y, tall, colours);
    paintClip(raster, scene, clip, x0, x1, y, tall, colours, is_selected);
    const left = Math.max(0, x0);
    const width = Math.min(raster.width, x1) - left;
    if (width > 26 * scale && tall > 22 * scale) labels.push({ x: left + 5 * scale, y: y + 10.5 * scale, width: width - 9 * scale, text: clip.name, dim: silent || clip.muted });
  }
  if (scene.automation) paintAutomation(raster, scene, track, y, tall);
}

function paintClip(raster: Raster, scene: Scene, clip: Clip, x0: number, x1: number, y: number, height: number, colours: ClipColours, selected: boolean): void {
  const { palette, scale } = scene;
  const [left, right] = [Math.max(0, Math.round(x0)), Math.min(raster.width, Math.round(x1))];
  const head = height > 24 * scale ? Math.round(kHead * scale) : 0;
  raster.rect(left, y, right - left, height, colours.body);
  if (head) raster.rect(left, y, right - left, head, colours.head);
  const [wave_top, wave_height] = [y + head, height - head];
  paintWave(raster, scene, clip, x0, x1, wave_top, wave_height, colours);
  paintFades(raster, clip, x0, x1, wave_top, wave_height, colours);
  // Gain: a line from -24 to +12 dB over the clip's height, drawn where it is not 0.
  if ((selected || Math.abs(clip.gain_db) > 0.05) && wave_height > 12 * scale) raster.rect(left, gainY(clip.gain_db, wave_top, wave_height), right - left, 1, colours.curve);
  const edge = selected ? palette.accent : colours.edge;
  if (x0 >= 0) raster.rect(left, y, selected ? Math.max(1, scale) : 1, height, edge);
  if (x1 <= raster.width) raster.rect(right - (selected ? Math.max(1, scale) : 1), y, selected ? Math.max(1, scale) : 1, height, edge);
  if (selected) {
    raster.rect(left, y, right - left, Math.max(1, scale), edge);
    raster.rect(left, y + height - Math.max(1, scale), right - left, Math.max(1, scale), edge);
  }
}

export const kGainTop = 12;
export const kGainSpan = 36;
/** Row of a gain within a clip, and back. */
export const gainY = (gain_db: number, top: number, height: number): number => Math.round(top + (height - 1) * Math.min(1, Math.max(0, (kGainTop - gain_db) / kGainSpan)));
export const gainAtY = (y: number, top: number, height: number): number => kGainTop - (kGainSpan * (y - top)) / Math.max(1, height - 1);

/** Columns of `wave`, from recordings, or from what is heard: true for the latter, in which gain and fades are. */
function fill(scene: Scene, clip: Clip, at: number, per_px: number, count: number): boolean {
  // Closer than the finest peaks: samples as they are heard.
  if (per_px < 128 && sampleColumns(scene.samples, clip.sound, at, per_px, count, wave)) return true;
  const { source } = clip;
  if (!source) {
    columns(scene.peaks, `${kOfSound}${clip.sound}`, 0, at, per_px, count, wave);
    return true;
  }
  const rate = scene.rate_of(source.media);
  const ratio = (rate / scene.model.rate_hz) * (1 + source.drift);
  columns(scene.peaks, source.media, source.channel, source.at_in_s * rate + (at - clip.in) * ratio, per_px * ratio, count, wave);
  return false;
}

function paintWave(raster: Raster, scene: Scene, clip: Clip, x0: number, x1: number, top: number, height: number, colours: ClipColours): void {
  if (height < 6 || (!clip.source && !clip.sound)) return;
  const per_px = scene.view.samples_per_px / scene.scale;
  const left = Math.max(0, Math.round(x0));
  const count = Math.min(Math.min(raster.width, Math.round(x1)) - left, wave.length / 2);
  if (count <= 0) return;
  const at = scene.view.begin + left * per_px;
  const as_heard = fill(scene, clip, at, per_px, count);
  const gain = as_heard ? 1 : 10 ** (clip.gain_db / 20);
  const middle = top + height / 2;
  const reach = (height / 2 - 1) / 127;
  const length_in = as_heard ? 0 : (clip.fade_in?.length_samples ?? 0);
  const length_out = as_heard ? 0 : (clip.fade_out?.length_samples ?? 0);
  const [fade_to, fade_from] = [clip.in + length_in, clip.out - length_out];
  for (let x = 0; x < count; ++x) {
    const place = at + x * per_px;
    let scale = gain;
    if (place < fade_to && clip.fade_in) scale *= fadeGain(clip.fade_in.shape, (place - clip.in) / length_in);
    if (place > fade_from && clip.fade_out) scale *= fadeGain(clip.fade_out.shape, (clip.out - place) / length_out);
    const low = Math.max(-127, (wave[x * 2] ?? 0) * scale);
    const high = Math.min(127, (wave[x * 2 + 1] ?? 0) * scale);
    const upper = Math.floor(middle - high * reach);
    const lower = Math.max(upper + 1, Math.ceil(middle - low * reach));
    raster.column(left + x, upper, lower, colours.wave);
  }
}

function paintFades(raster: Raster, clip: Clip, x0: number, x1: number, top: number, height: number, colours: ClipColours): void {
  const per = (x1 - x0) / Math.max(1, clip.out - clip.in);
  const one = (fade: Clip['fade_in'], from: number, sign: 1 | -1): void => {
    const width = (fade?.length_samples ?? 0) * per;
    if (!fade || width < 2) return;
    let before = top + height;
    for (let step = 0; step <= width; ++step) {
      const x = Math.round(from + sign * step - (sign < 0 ? 1 : 0));
      const y = Math.round(top + (height - 1) * (1 - fadeGain(fade.shape, step / width)));
      if (x >= 0 && x < raster.width) {
        raster.column(x, top, y, colours.faded);
        raster.column(x, Math.min(y, before), Math.max(y, before) + 1, colours.curve);
      }
      before = y;
    }
  };
  one(clip.fade_in, x0, 1);
  one(clip.fade_out, x1, -1);
}

/** What the recording holds before and behind a selected clip. */
function paintHandles(raster: Raster, scene: Scene, clip: Clip, y: number, height: number, colours: ClipColours): void {
  const { source } = clip;
  if (!source || clip.kind === 'tone' || clip.kind === 'ambience') return;
  const per_px = scene.view.samples_per_px / scene.scale;
  const rate = scene.rate_of(source.media);
  const ratio = (rate / scene.model.rate_hz) * (1 + source.drift);
  const middle = y + height / 2;
  const reach = (height / 2 - 1) / 127;
  const part = (from: number, to: number): void => {
    const left = Math.max(0, Math.ceil((from - scene.view.begin) / per_px));
    const count = Math.min(Math.min(raster.width, Math.floor((to - scene.view.begin) / per_px)) - left, wave.length / 2);
    if (count <= 0) return;
    const at = scene.view.begin + left * per_px;
    columns(scene.peaks, source.media, source.channel, source.at_in_s * rate + (at - clip.in) * ratio, per_px * ratio, count, wave);
    for (let x = 0; x < count; ++x) {
      const upper = Math.floor(middle - (wave[x * 2 + 1] ?? 0) * reach);
      raster.column(left + x, upper, Math.max(upper + 1, Math.ceil(middle - (wave[x * 2] ?? 0) * reach)), colours.ghost);
    }
  };
  part(clip.in - source.handle_before, clip.in);
  part(clip.out, clip.out + source.handle_after);
}

function paintAutomation(raster: Raster, scene: Scene, track: Track, y: number, height: number): void {
  const { view, palette, scale } = scene;
  const per_px = view.samples_per_px / scale;
  const xOf = (at: number): number => (at - view.begin) / per_px;
  let before: { x: number; y: number } = { x: 0, y: gainY(track.automation[0]?.value ?? 0, y, height) };
  for (const point of track.automation) {
    const here = { x: xOf(point.at_samples), y: gainY(point.value, y, height) };
    raster.line(before.x, before.y, here.x, here.y, y, y + height, palette.accent);
    raster.rect(here.x - 2 * scale, here.y - 2 * scale, 5 * scale, 5 * scale, palette.accent);
    before = here;
  }
  raster.line(before.x, before.y, raster.width, before.y, y, y + height, palette.accent);
}
