import type { Document } from '$schema/types';
import { t } from '$i18n';
import type { Command } from '$lib/keys';
import type { Player } from '$lib/player';
import { settings, toasts, type FilmStore } from '$lib/store';
import { samples, toSeconds, formatDecibels, decibels } from '$lib/time';
import {
  all, automated, automationRemoved, crossfaded, faded, freeId, gained, meetings, moved, mutedClip, patchOf, removed, rippled, split, trimmed, withStrip,
} from './edits.ts';
import { markersOf, withMarkers } from './markers.ts';
import { buildModel, clipsIn, type Clip, type Model, type Track } from './model.ts';
import { edgesNear, snapped, snappedShift, stepFrames, type SnapPoint, type SnapSettings } from './snap.ts';
import { atX, kept, revealing, showing, zoomed, type View } from './view.ts';

type Change = (document: Document) => Document;
const kSnapPx = 9;

/** What the timeline page knows and does: view, selection, and the commands of its keys. Paints nothing. */
export class TimelineController {
  readonly film: FilmStore;
  readonly player: Player;
  view = $state.raw<View>({ begin: 0, samples_per_px: 4800, width: 1000, top: 0, height: 400 });
  selected = $state.raw<ReadonlySet<string>>(new Set());
  focus = $state(0);
  /** A stretch of film that was dragged over, for zoom, loop and delete. */
  range = $state.raw<{ in: number; out: number } | null>(null);
  looping = $state(false);
  automation = $state(false);
  /** What a snap holds on to at this moment of a drag. */
  snap_point = $state.raw<SnapPoint | null>(null);
  private preview_ = $state.raw<Document | null>(null);
  /** Onsets in view, as far as peaks are here; given by the lanes. */
  onsets: (at: number, reach: number) => SnapPoint[] = () => [];

  readonly document = $derived.by(() => this.preview_ ?? this.film.document);
  readonly model: Model = $derived.by(() => buildModel(this.document));
  readonly clips: readonly Clip[] = $derived.by(() => [...this.selected].flatMap((path) => this.model.clips.get(path)?.clip ?? []));

  constructor(film: FilmStore, player: Player) {
    this.film = film;
    this.player = player;
  }

  get row_height(): number {
    return settings.value.track_height;
  }
  set row_height(px: number) {
    settings.set({ track_height: Math.min(160, Math.max(20, Math.round(px))) });
    this.move(this.view);
  }
  get content_height(): number {
    return this.model.tracks.length * this.row_height;
  }
  get track(): Track | undefined {
    return this.model.tracks[this.focus];
  }
  get at(): number {
    return this.player.position();
  }

  // --- View ----------------------------------------------------------------------------------------

  move(view: View): void {
    this.view = kept(view, Math.max(1, this.model.length), this.content_height);
  }
  sized(width: number, height: number): void {
    if (width === this.view.width && height === this.view.height) return;
    this.move({ ...this.view, width, height });
  }
  zoom(factor: number, x = (this.at - this.view.begin) / this.view.samples_per_px): void {
    const inside = x >= 0 && x <= this.view.width;
    this.move(zoomed(this.view, factor, inside ? x : this.view.width / 2));
  }
  showAll(): void {
    this.move({ ...this.view, begin: 0, samples_per_px: this.model.length / Math.max(1, this.view.width) });
  }
  showSelection(): void {
    const range = this.range ?? this.extent(this.clips);
    if (range) this.move(showing(this.view, range.in, range.out));
  }
  private extent(clips: readonly Clip[]): { in: number; out: number } | null {
    if (clips.length === 0) return null;
    return { in: Math.min(...clips.map((clip) => clip.in)), out: Math.max(...clips.map((clip) => clip.out)) };
  }
  goTo(at: number, reveal = true): void {
    const kept_at = Math.min(this.model.length, Math.max(0, Math.round(at)));
    this.player.seek(samples(kept_at));
    this.film.at({ at_samples: kept_at });
    if (reveal) this.move(revealing(this.view, kept_at));
  }
  showTrack(index: number): void {
    this.focus = Math.min(this.model.tracks.length - 1, Math.max(0, index));
    const top = this.focus * this.row_height;
    if (top < this.view.top) this.move({ ...this.view, top });
    else if (top + this.row_height > this.view.top + this.view.height) this.move({ ...this.view, top: top + this.row_height - this.view.height });
  }
  /** Shows an item of the document and selects it; false where it has no place here. */
  showItem(path: string): boolean {
    const found = this.model.clips.get(path);
    if (!found) return false;
    this.select([path]);
    this.showTrack(found.track);
    this.goTo(found.clip.in);
    return true;
  }

  // --- Selection -----------------------------------------------------------------------------------

  select(paths: Iterable<string>): void {
    this.selected = new Set(paths);
    const first = this.clips[0];
    this.film.at({ selection: first?.path ?? '' });
  }
  toggle(path: string): void {
    const next = new Set(this.selected);
    if (!next.delete(path)) next.add(path);
    this.select(next);
  }
  /** The clip after, or before, the selected one (or the playhead) on its lane; at the end of a lane on the next. */
  step(by: 1 | -1): void {
    const first = this.clips[0];
    const place = first ? this.model.clips.get(first.path) : undefined;
    const index = place?.track ?? this.focus;
    const clips = this.model.tracks[index]?.clips ?? [];
    const at = first ? clips.findIndex(({ path }) => path === first.path) : by > 0 ? clips.findIndex(({ out }) => out > this.at) - 1 : clips.findLastIndex((clip) => clip.in < this.at) + 1;
    const next = clips[at + by];
    if (next) {
      this.showItem(next.path);
      return;
    }
    for (let other = index + by; other >= 0 && other < this.model.tracks.length; other += by) {
      const clip = by > 0 ? this.model.tracks[other]?.clips[0] : this.model.tracks[other]?.clips.at(-1);
      if (clip) {
        this.showItem(clip.path);
        return;
      }
    }
  }
  /** What a command works on: the selection, else the clips under the playhead on the lane with the focus. */
  private targets(): readonly Clip[] {
    if (this.clips.length > 0) return this.clips;
    const track = this.track;
    return track ? clipsIn(track, this.at, this.at + 1) : [];
  }

  // --- Snapping ------------------------------------------------------------------------------------

  private get snapSettings(): SnapSettings {
    return { rate: this.film.frame_rate, rate_hz: this.film.rate_hz, reach: settings.value.snap ? kSnapPx * this.view.samples_per_px : 0 };
  }
  private points(at: number, except: ReadonlySet<string>, playhead: boolean): SnapPoint[] {
    const reach = kSnapPx * this.view.samples_per_px;
    const points = [...edgesNear(this.model, at, reach, except), ...this.onsets(at, reach)];
    for (const { at_samples } of Object.values(markersOf(this.document))) points.push({ at: at_samples, kind: 'marker' });
    if (playhead) points.push({ at: this.at, kind: 'playhead' });
    return points;
  }
  snapTo(at: number, except: ReadonlySet<string> = new Set(), playhead = true): number {
    if (!settings.value.snap) return Math.round(at);
    this.snap_point = snapped(at, this.points(at, except, playhead), this.snapSettings);
    return Math.round(this.snap_point?.at ?? at);
  }
  snapShift(clip: Clip, shift: number): number {
    if (!settings.value.snap) return Math.round(shift);
    const except = this.selected;
    const points = [...this.points(clip.in + shift, except, true), ...this.points(clip.out + shift, except, false)];
    const found = snappedShift(clip.in, clip.out, shift, points, this.snapSettings);
    this.snap_point = found.point;
    return Math.round(found.shift);
  }

  // --- Edits ---------------------------------------------------------------------------------------

  /** Shows what a drag would do. */
  try(change: Change | null): void {
    this.preview_ = change ? change(this.film.document) : null;
  }
  /** Makes it so; one edit, one undo. */
  make(reason: string, change: Change): boolean {
    this.preview_ = null;
    this.snap_point = null;
    return this.film.edit(reason, patchOf(this.film.document, change));
  }
  cancel(): void {
    this.preview_ = null;
    this.snap_point = null;
  }
  get dragging(): boolean {
    return this.preview_ !== null;
  }

  private forEach(reason: string, clips: readonly Clip[], change: (clip: Clip) => Change): void {
    if (clips.length === 0) {
      toasts.say('note', t.timeline.nothing_selected);
      return;
    }
    this.make(reason, all(...clips.map(change)));
  }
  nudge(by: number): void {
    this.forEach(t.timeline.reasons.moved, this.targets(), (clip) => moved(clip, by));
  }
  splitHere(): void {
    const at = Math.round(this.at);
    const clips = this.targets().filter((clip) => clip.in < at && at < clip.out);
    if (clips.length === 0) toasts.say('note', t.timeline.nothing_here);
    else this.make(t.timeline.reasons.split, all(...clips.map((clip) => split(clip, at))));
  }
  remove(): void {
    const clips = this.targets();
    const change = settings.value.ripple
      ? all(...clips.map((clip) => {
          const track = this.model.tracks[this.model.clips.get(clip.path)?.track ?? -1];
          return track ? rippled(track, clip.out, clip.in - clip.out, this.selected) : (document: Document) => document;
        }), ...clips.map(removed))
      : all(...clips.map(removed));
    if (clips.length > 0 && this.make(t.timeline.reasons.removed, change)) this.select([]);
  }
  trimTo(side: 'in' | 'out', at: number, clips: readonly Clip[]): Change {
    return all(
      ...clips.map((clip) => {
        const cut = side === 'in' ? trimmed(clip, at, clip.out) : trimmed(clip, clip.in, at);
        const track = this.model.tracks[this.model.clips.get(clip.path)?.track ?? -1];
        if (!settings.value.ripple || !track) return cut;
        const by = side === 'in' ? clip.in - at : at - clip.out;
        const after = rippled(track, clip.out, by);
        return side === 'in' ? all(cut, after, (document: Document) => moved({ ...clip, in: at }, clip.in - at)(document)) : all(cut, after);
      }),
    );
  }
  trimHere(side: 'in' | 'out'): void {
    const at = Math.round(this.at);
    const clips = this.targets().filter((clip) => (side === 'in' ? at < clip.out : at > clip.in));
    if (clips.length === 0) toasts.say('note', t.timeline.nothing_here);
    else this.make(t.timeline.reasons.trimmed, this.trimTo(side, at, clips));
  }
  gainBy(by: number): void {
    const clips = this.targets();
    this.forEach(t.timeline.reasons.gain(formatDecibels(decibels(by))), clips, (clip) => gained(clip, clip.gain_db + by));
  }
  fadeHere(side: 'in' | 'out'): void {
    const at = this.at;
    this.forEach(t.timeline.reasons.faded, this.targets(), (clip) => {
      const inside = at > clip.in && at < clip.out;
      const usual = this.film.rate_hz / 10;
      return faded(clip, side, inside ? (side === 'in' ? at - clip.in : clip.out - at) : usual);
    });
  }
  crossfade(): void {
    const pairs = meetings(this.model, new Set(this.targets().map(({ path }) => path)), this.film.rate_hz / 2);
    const length = Math.round(this.film.rate_hz * 0.08);
    if (pairs.length === 0) toasts.say('note', t.timeline.no_neighbour);
    else this.make(t.timeline.reasons.crossfaded, all(...pairs.map(([first, second]) => crossfaded(first, second, length))));
  }
  muteClips(): void {
    const clips = this.targets().filter(({ kind }) => kind === 'dialogue');
    const mute = clips.some(({ muted }) => !muted);
    this.forEach(mute ? t.timeline.reasons.muted : t.timeline.reasons.unmuted, clips, (clip) => mutedClip(clip, mute));
  }
  muteTrack(track = this.track): void {
    if (track) this.make(t.timeline.reasons.track_muted(track.name), withStrip(track, (strip) => ({ ...strip, muted: !strip.muted })));
  }
  soloTrack(track = this.track): void {
    if (track) this.make(t.timeline.reasons.track_soloed(track.name), withStrip(track, (strip) => ({ ...strip, soloed: !strip.soloed })));
  }
  setAutomation(track: Track, id: string | null, at: number, value: number): void {
    this.make(t.timeline.reasons.automated(track.name), automated(track, id, at, value));
  }
  removeAutomation(track: Track, id: string): void {
    this.make(t.timeline.reasons.automated(track.name), automationRemoved(track, id));
  }
  mark(text = ''): string {
    const id = freeId(markersOf(this.document), `m${Math.round(this.at)}`);
    const stretch = this.range ? { at_samples: Math.round(this.range.in), out_samples: Math.round(this.range.out) } : { at_samples: Math.round(this.at) };
    const marker = { ...stretch, text, who: this.film.me.name, when: new Date().toISOString(), item: this.clips[0]?.path ?? '', done: false };
    this.make(t.timeline.reasons.marked, (document) => withMarkers(document, (markers) => ({ ...markers, [id]: marker })));
    return id;
  }

  // --- Transport -----------------------------------------------------------------------------------

  toggleLoop(): void {
    const range = this.range ?? this.extent(this.clips);
    this.looping = !this.looping && range !== null;
    this.player.loop(this.looping && range ? { in_samples: samples(range.in), out_samples: samples(range.out), again: true } : null);
  }
  togglePlay(): void {
    if (this.player.state === 'playing' || this.player.state === 'loading') this.player.pause();
    else void this.player.play();
  }
  stepBy(frame_count: number): void {
    if (this.player.state === 'playing') this.player.pause();
    this.goTo(stepFrames(this.at, frame_count, this.film.frame_rate, this.film.rate_hz));
  }
  private toEdge(by: 1 | -1): void {
    const track = this.track;
    if (!track) return;
    const edges = track.clips.flatMap((clip) => [clip.in, clip.out]).sort((a, b) => a - b);
    const at = Math.round(this.at);
    const next = by > 0 ? edges.find((edge) => edge > at) : edges.findLast((edge) => edge < at);
    this.goTo(next ?? (by > 0 ? this.model.length : 0));
  }

  /** What the keys do here. */
  commands(extra: Partial<Record<Command, () => void>>): Partial<Record<Command, (event: KeyboardEvent) => void>> {
    const frame = this.film.rate_hz * (this.film.frame_rate.denominator / this.film.frame_rate.numerator);
    return {
      'play': () => this.togglePlay(),
      'shuttle.back': () => this.player.shuttle(-1),
      'shuttle.stop': () => this.player.shuttle(0),
      'shuttle.on': () => this.player.shuttle(1),
      'frame.back': () => this.stepBy(-1),
      'frame.on': () => this.stepBy(1),
      'second.back': () => this.goTo(this.at - this.film.rate_hz),
      'second.on': () => this.goTo(this.at + this.film.rate_hz),
      'edge.back': () => this.toEdge(-1),
      'edge.on': () => this.toEdge(1),
      'go.start': () => this.goTo(0),
      'go.end': () => this.goTo(this.model.length),
      'zoom.in': () => this.zoom(0.5),
      'zoom.out': () => this.zoom(2),
      'zoom.all': () => this.showAll(),
      'zoom.selection': () => this.showSelection(),
      'zoom.sample': () => this.zoom(0.25 / this.view.samples_per_px),
      'track.up': () => this.showTrack(this.focus - 1),
      'track.down': () => this.showTrack(this.focus + 1),
      'select.next': () => this.step(1),
      'select.previous': () => this.step(-1),
      'select.all': () => this.select(this.track?.clips.map(({ path }) => path) ?? []),
      'select.none': () => {
        this.cancel();
        this.range = null;
        this.select([]);
      },
      'split': () => this.splitHere(),
      'delete': () => this.remove(),
      'trim.in': () => this.trimHere('in'),
      'trim.out': () => this.trimHere('out'),
      'nudge.back': () => this.nudge(-Math.round(frame)),
      'nudge.on': () => this.nudge(Math.round(frame)),
      'nudge.back.sample': () => this.nudge(-1),
      'nudge.on.sample': () => this.nudge(1),
      'gain.up': () => this.gainBy(1),
      'gain.down': () => this.gainBy(-1),
      'fade.in': () => this.fadeHere('in'),
      'fade.out': () => this.fadeHere('out'),
      'crossfade': () => this.crossfade(),
      'mute.clip': () => this.muteClips(),
      'mute.track': () => this.muteTrack(),
      'solo.track': () => this.soloTrack(),
      'marker': () => this.mark(),
      'snap': () => settings.set({ snap: !settings.value.snap }),
      'ripple': () => settings.set({ ripple: !settings.value.ripple }),
      'follow': () => settings.set({ follow: !settings.value.follow }),
      'loop': () => this.toggleLoop(),
      ...extra,
    };
  }

  /** For a screen reader: what is selected. */
  describe(): string {
    const clip = this.clips[0];
    if (!clip) return this.track ? t.timeline.on_track(this.track.name) : '';
    const code = this.film.timecode;
    const one = t.timeline.clip(clip.name, code.at(samples(clip.in)), code.at(samples(clip.out)), formatDecibels(decibels(clip.gain_db)));
    return this.clips.length > 1 ? t.timeline.clips(this.clips.length, one) : one;
  }
  seconds(length: number): number {
    return toSeconds(samples(length), this.film.rate_hz);
  }
  atX(x: number): number {
    return atX(this.view, x);
  }
}
