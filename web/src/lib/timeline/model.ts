import type { AutomationPoint, Document, Fade, FoleyCue } from '$schema/types';
import type { PhaseName } from '$lib/api';

/** The film as lanes of clips: what the timeline draws, made of the document and of nothing else. */

/** Where in a recording a clip's sound comes from: film sample x is at source second at_in_s + (x - in) / rate x (1 + drift). */
export interface Source {
  media: string;
  channel: number;
  at_in_s: number;
  drift: number;
  /** Length of the recording, as far as it may be used, in film samples before and behind the clip. */
  handle_before: number;
  handle_after: number;
}

export type ClipKind = 'dialogue' | 'tone' | 'adr' | 'ambience' | 'effect' | 'foley' | 'performance' | 'music';

export interface Clip {
  /** Path of the item in the document. */
  path: string;
  id: string;
  kind: ClipKind;
  in: number;
  out: number;
  name: string;
  gain_db: number;
  muted: boolean;
  fade_in: Fade | null;
  fade_out: Fade | null;
  source: Source | null;
  /** Name among the server's sounds, for what was made of it. */
  sound: string;
  by_person: boolean;
}

export interface Track {
  id: string;
  phase: PhaseName;
  name: string;
  /** Key of its strip in the mix. */
  strip: string;
  /** By their start. */
  clips: Clip[];
  /** Length of the longest, so that what is in view can be found by search. */
  longest: number;
  muted: boolean;
  soloed: boolean;
  automation: AutomationPoint[];
}

export interface Model {
  tracks: Track[];
  length: number;
  rate_hz: number;
  /** Number of a track by its id. */
  index: ReadonlyMap<string, number>;
  clips: ReadonlyMap<string, { clip: Clip; track: number }>;
}

type Made = Omit<Track, 'muted' | 'soloed' | 'automation' | 'longest'>;

/** Clips are made once for each item (items never change in place), as long as what they refer to stays. */
class Remembered {
  private readonly known_ = new WeakMap<object, { clip: Clip; with_: readonly unknown[] }>();
  clip(item: object, with_: readonly unknown[], make: () => Clip): Clip {
    const known = this.known_.get(item);
    if (known && known.with_.every((value, index) => value === with_[index])) return known.clip;
    const clip = make();
    this.known_.set(item, { clip, with_ });
    return clip;
  }
}
const remembered = new Remembered();

const kPassOrder = ['feet', 'moves', 'specifics'] as const;

export function buildModel(document: Document): Model {
  const made = [...dialogueTracks(document), ...adrTracks(document), ...designTracks(document), ...foleyTracks(document), ...musicTracks(document)];
  const tracks = made.map<Track>((track) => {
    const strip = document.mix.strips[track.strip];
    track.clips.sort((a, b) => a.in - b.in);
    return {
      ...track,
      longest: track.clips.reduce((most, clip) => Math.max(most, clip.out - clip.in), 0),
      muted: strip?.muted ?? false,
      soloed: strip?.soloed ?? false,
      automation: Object.values(strip?.gain_automation_db ?? {}).sort((a, b) => a.at_samples - b.at_samples),
    };
  });
  const clips = new Map<string, { clip: Clip; track: number }>();
  tracks.forEach((track, index) => track.clips.forEach((clip) => clips.set(clip.path, { clip, track: index })));
  return { tracks, length: document.picture.length_samples, rate_hz: document.rate_hz, index: new Map(tracks.map(({ id }, index) => [id, index])), clips };
}

function source(document: Document, media: string, channel: number, at_in_s: number, length: number, drift = 0, to_s?: number): Source | null {
  const file = document.media[media];
  if (!file) return null;
  const rate = document.rate_hz;
  const end = to_s ?? file.duration_s;
  return { media, channel, at_in_s, drift, handle_before: Math.max(0, Math.floor(at_in_s * rate)), handle_after: Math.max(0, Math.floor((end - at_in_s) * rate - length)) };
}

const nameOf = (document: Document, media: string): string => document.media[media]?.name ?? media;

function lanes(phase: PhaseName): { add: (strip: string, name: string, clip: Clip) => void; tracks: () => Made[] } {
  const found = new Map<string, Made>();
  return {
    add(strip, name, clip) {
      const known = found.get(strip);
      if (known) known.clips.push(clip);
      else found.set(strip, { id: `${phase}:${strip}`, phase, name, strip, clips: [clip] });
    },
    tracks: () => [...found.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  };
}

function dialogueTracks(document: Document): Made[] {
  const made = lanes('dialogue');
  for (const [id, item] of Object.entries(document.dialogue.clips)) {
    const placement = document.dialogue.placements[item.placement];
    const clip = remembered.clip(item, [placement, document.media, document.rate_hz], () => {
      const length = item.film.out_samples - item.film.in_samples;
      const drift = (placement?.drift_ppm ?? 0) * 1e-6;
      const at = placement ? placement.source_at_in_s + ((item.film.in_samples - placement.film.in_samples) / document.rate_hz) * (1 + drift) : 0;
      const found = placement ? source(document, placement.media, item.channel, at, length, drift) : null;
      return {
        path: `/dialogue/clips/${id}`, id, kind: 'dialogue', in: item.film.in_samples, out: item.film.out_samples, name: item.text || item.character || (placement ? nameOf(document, placement.media) : id),
        gain_db: item.gain_db, muted: item.muted, fade_in: item.fade_in, fade_out: item.fade_out, source: found, sound: `clip:dialogue/${id}`, by_person: item.decided.by === 'person',
      };
    });
    const usual = item.role === 'production-effect' ? 'production-effects' : item.role === 'room-tone' ? 'room-tone' : 'dialogue-1';
    const track = item.track || usual;
    made.add(track, track, clip);
  }
  for (const [id, item] of Object.entries(document.dialogue.fills)) {
    const clip = remembered.clip(item, [document.media, document.rate_hz], () => ({
      path: `/dialogue/fills/${id}`, id, kind: 'tone', in: item.film.in_samples, out: item.film.out_samples, name: nameOf(document, item.media), gain_db: item.gain_db, muted: false,
      fade_in: item.fade_in, fade_out: item.fade_out, source: source(document, item.media, item.channel, item.source_in_s, 0, 0, item.source_out_s), sound: '', by_person: item.decided.by === 'person',
    }));
    made.add('room-tone', 'room-tone', clip);
  }
  return made.tracks();
}

function adrTracks(document: Document): Made[] {
  const made = lanes('adr');
  for (const [id, item] of Object.entries(document.adr.cues)) {
    const take = document.adr.takes[item.chosen_take];
    const clip = remembered.clip(item, [take, document.media, document.rate_hz], () => {
      const nudge = take ? Math.round((take.nudge_ms / 1000) * document.rate_hz) : 0;
      return {
        path: `/adr/cues/${id}`, id, kind: 'adr', in: item.film.in_samples + nudge, out: item.film.out_samples + nudge, name: `${item.number} ${item.text}`, gain_db: take?.gain_db ?? 0,
        muted: item.status === 'omitted', fade_in: null, fade_out: null, source: null, sound: take && item.status !== 'omitted' ? `clip:adr/${item.chosen_take}` : '', by_person: item.decided.by === 'person',
      };
    });
    const strip = item.character ? `adr-${item.character.toLowerCase().replace(/[^a-z0-9]+/g, '-')}` : 'adr';
    made.add(strip, item.character || 'ADR', clip);
  }
  return made.tracks();
}

/** A bed longer than its recording is looped by rules of the engine's own, and drawn as it sounds. */
const looped = (document: Document, media: string, length: number): boolean => length > (document.media[media]?.duration_s ?? 0) * document.rate_hz;

function designTracks(document: Document): Made[] {
  const beds = lanes('design');
  for (const [id, item] of Object.entries(document.design.ambiences)) {
    const clip = remembered.clip(item, [document.media, document.rate_hz], () => ({
      path: `/design/ambiences/${id}`, id, kind: 'ambience', in: item.film.in_samples, out: item.film.out_samples, name: item.media ? nameOf(document, item.media) : item.synth, gain_db: item.gain_db, muted: false,
      fade_in: item.fade_in, fade_out: item.fade_out, source: looped(document, item.media, item.film.out_samples - item.film.in_samples) ? null : source(document, item.media, 0, 0, 0), sound: `clip:design/${id}`, by_person: item.decided.by === 'person',
    }));
    beds.add(`ambience-${id}`, clip.name, clip);
  }
  const effects = lanes('design');
  for (const [id, item] of Object.entries(document.design.effects)) {
    const clip = remembered.clip(item, [document.media, document.rate_hz], () => {
      const end = item.source_out_s ?? document.media[item.media]?.duration_s ?? item.source_in_s;
      const length = Math.max(1, Math.round((end - item.source_in_s) * document.rate_hz));
      return {
        path: `/design/effects/${id}`, id, kind: 'effect', in: item.at_samples, out: item.at_samples + length, name: item.name || nameOf(document, item.media), gain_db: item.gain_db, muted: false, fade_in: item.fade_in,
        fade_out: item.fade_out, source: source(document, item.media, 0, item.source_in_s, length), sound: `clip:design/${id}`, by_person: item.decided.by === 'person',
      };
    });
    effects.add(`fx-${item.track || 'effects'}`, item.track || 'effects', clip);
  }
  return [...beds.tracks(), ...effects.tracks()];
}

/** Whether there is anything to play a cue with: a cue that is only spotted is drawn, and not heard. */
function sounds(cue: FoleyCue, sets: Document['foley']['sets']): boolean {
  if (cue.status === 'omitted') return false;
  if (cue.performance !== '' || cue.set in sets) return true;
  // As the engine chooses: by what is asked for, or by the surface.
  const wanted = [cue.set, cue.surface].filter((name) => name !== '').map((name) => name.toUpperCase());
  return Object.values(sets).some(({ pass, surface }) => pass === cue.pass && wanted.includes(surface.toUpperCase()));
}

function foleyTracks(document: Document): Made[] {
  const made = lanes('foley');
  const usual = Math.round(document.rate_hz * 0.25);
  const { sets } = document.foley;
  for (const [id, item] of Object.entries(document.foley.cues)) {
    const clip = remembered.clip(item, [document.rate_hz, sets], () => ({
      path: `/foley/cues/${id}`, id, kind: 'foley', in: item.at_samples, out: item.out_samples ?? item.at_samples + usual, name: [item.action, item.surface].filter(Boolean).join(', ') || item.pass, gain_db: item.gain_db,
      muted: item.status === 'omitted', fade_in: null, fade_out: null, source: null, sound: sounds(item, sets) ? `clip:foley/${id}` : '', by_person: item.decided.by === 'person',
    }));
    made.add(`foley-${item.pass}`, item.pass, clip);
  }
  for (const [id, item] of Object.entries(document.foley.performances)) {
    const clip = remembered.clip(item, [document.media, document.rate_hz], () => {
      const end = item.source_out_s ?? document.media[item.media]?.duration_s ?? item.source_in_s;
      const length = Math.max(1, Math.round((end - item.source_in_s) * document.rate_hz));
      return {
        path: `/foley/performances/${id}`, id, kind: 'performance', in: item.at_samples, out: item.at_samples + length, name: nameOf(document, item.media), gain_db: item.gain_db, muted: false, fade_in: null, fade_out: null,
        source: source(document, item.media, 0, item.source_in_s, length), sound: '', by_person: item.decided.by === 'person',
      };
    });
    made.add(`performance-${item.pass}`, `${item.pass}, as performed`, clip);
  }
  const order = (track: Made): number => kPassOrder.findIndex((pass) => track.strip.endsWith(pass)) * 2 + (track.strip.startsWith('performance') ? 1 : 0);
  return made.tracks().sort((a, b) => order(a) - order(b));
}

function musicTracks(document: Document): Made[] {
  const made = lanes('music');
  for (const [id, item] of Object.entries(document.music.cues)) {
    const clip = remembered.clip(item, [document.media, document.rate_hz], () => ({
      path: `/music/cues/${id}`, id, kind: 'music', in: item.film.in_samples, out: item.film.out_samples, name: `${item.number} ${nameOf(document, item.media)}`.trim(), gain_db: item.gain_db, muted: false,
      fade_in: item.fade_in, fade_out: item.fade_out,
      source: document.media[item.media]?.kind === 'score' ? null : source(document, item.media, 0, item.source_in_s, item.film.out_samples - item.film.in_samples), sound: `clip:music/${id}`, by_person: item.decided.by === 'person',
    }));
    made.add(`music-${id}`, clip.name, clip);
  }
  return made.tracks();
}

/** First clip that may reach into view from `from` on; then read on while clip.in < to. */
export function firstInView(track: Track, from: number): number {
  let [low, high] = [0, track.clips.length];
  const least = from - track.longest;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((track.clips[middle]?.in ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All clips of a track that touch [from, to). */
export function clipsIn(track: Track, from: number, to: number): Clip[] {
  const found: Clip[] = [];
  for (let at = firstInView(track, from); at < track.clips.length; ++at) {
    const clip = track.clips[at];
    if (!clip || clip.in >= to) break;
    if (clip.out > from) found.push(clip);
  }
  return found;
}
