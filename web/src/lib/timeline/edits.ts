import type { Decision, Document, Fade, Placement, Strip } from '$schema/types';
import { difference } from '$lib/store/patch';
import type { Patch } from '$lib/api/values';
import type { Clip, Model, Track } from './model.ts';

/** What one does to clips, as functions from a document to another; the patch is their difference. Positions are whole samples. */

const kByPerson: Decision = { by: 'person', reason: '', confidence: 1 };
const kCut: Fade = { length_samples: 0, shape: 'linear' };

type Change = (document: Document) => Document;
export const patchOf = (document: Document, change: Change): Patch => difference(document, change(document));
export const all = (...changes: Change[]): Change => (document) => changes.reduce((value, change) => change(value), document);

/** Changes one item of a collection; the decision becomes the person's. */
function withItem<Item extends { decided: Decision }>(items: Record<string, Item>, id: string, change: (item: Item) => Item): Record<string, Item> {
  const item = items[id];
  return item ? { ...items, [id]: { ...change(item), decided: item.decided.by === 'person' ? item.decided : { ...item.decided, by: 'person' } } } : items;
}

function change(document: Document, clip: Clip, by: { [Kind in Clip['kind']]?: (document: Document, id: string) => Document }): Document {
  return by[clip.kind]?.(document, clip.id) ?? document;
}
const inDialogue = (document: Document, id: string, apply: (item: Document['dialogue']['clips'][string]) => Document['dialogue']['clips'][string]): Document => ({
  ...document, dialogue: { ...document.dialogue, clips: withItem(document.dialogue.clips, id, apply) },
});
const inFills = (document: Document, id: string, apply: (item: Document['dialogue']['fills'][string]) => Document['dialogue']['fills'][string]): Document => ({
  ...document, dialogue: { ...document.dialogue, fills: withItem(document.dialogue.fills, id, apply) },
});
const inCues = (document: Document, id: string, apply: (item: Document['adr']['cues'][string]) => Document['adr']['cues'][string]): Document => ({ ...document, adr: { ...document.adr, cues: withItem(document.adr.cues, id, apply) } });
const inBeds = (document: Document, id: string, apply: (item: Document['design']['ambiences'][string]) => Document['design']['ambiences'][string]): Document => ({
  ...document, design: { ...document.design, ambiences: withItem(document.design.ambiences, id, apply) },
});
const inEffects = (document: Document, id: string, apply: (item: Document['design']['effects'][string]) => Document['design']['effects'][string]): Document => ({
  ...document, design: { ...document.design, effects: withItem(document.design.effects, id, apply) },
});
const inSteps = (document: Document, id: string, apply: (item: Document['foley']['cues'][string]) => Document['foley']['cues'][string]): Document => ({ ...document, foley: { ...document.foley, cues: withItem(document.foley.cues, id, apply) } });
const inPasses = (document: Document, id: string, apply: (item: Document['foley']['performances'][string]) => Document['foley']['performances'][string]): Document => ({
  ...document, foley: { ...document.foley, performances: withItem(document.foley.performances, id, apply) },
});
const inMusic = (document: Document, id: string, apply: (item: Document['music']['cues'][string]) => Document['music']['cues'][string]): Document => ({ ...document, music: { ...document.music, cues: withItem(document.music.cues, id, apply) } });

const shifted = <Item extends { film: { in_samples: number; out_samples: number } }>(item: Item, by: number): Item => ({ ...item, film: { ...item.film, in_samples: item.film.in_samples + by, out_samples: item.film.out_samples + by } });
const spanned = <Item extends { film: { in_samples: number; out_samples: number } }>(item: Item, in_samples: number, out_samples: number): Item => ({ ...item, film: { ...item.film, in_samples, out_samples } });

/** A name that is not taken. Short, and made of the one it comes from, so that a person who reads the session sees what belongs together. */
export function freeId(taken: Readonly<Record<string, unknown>>, from: string): string {
  const stem = from.replace(/\.\d+$/, '');
  for (let n = 2; ; ++n) if (!(`${stem}.${n}` in taken)) return `${stem}.${n}`;
}

/**
 * Moves a clip. A line of production sound lies where its recording was placed: to move it means to give it a placement of its own, which
 * is a person's decision that syncing leaves alone.
 */
export function moved(clip: Clip, by: number): Change {
  return (document) => {
    if (by === 0) return document;
    const samples = Math.max(by, -clip.in);
    return change(document, clip, {
      dialogue: (value, id) => movedDialogue(value, id, samples),
      tone: (value, id) => inFills(value, id, (item) => shifted(item, samples)),
      adr: (value, id) => inCues(value, id, (item) => shifted(item, samples)),
      ambience: (value, id) => inBeds(value, id, (item) => shifted(item, samples)),
      effect: (value, id) => inEffects(value, id, (item) => ({ ...item, at_samples: item.at_samples + samples })),
      foley: (value, id) => inSteps(value, id, (item) => ({ ...item, at_samples: item.at_samples + samples, ...(typeof item.out_samples === 'number' ? { out_samples: item.out_samples + samples } : {}) })),
      performance: (value, id) => inPasses(value, id, (item) => ({ ...item, at_samples: item.at_samples + samples })),
      music: (value, id) => inMusic(value, id, (item) => shifted(item, samples)),
    });
  };
}

function movedDialogue(document: Document, id: string, by: number): Document {
  const clip = document.dialogue.clips[id];
  const placement = clip && document.dialogue.placements[clip.placement];
  if (!clip || !placement) return document;
  const alone = placement.method === 'person' && Object.entries(document.dialogue.clips).every(([other, { placement: name }]) => other === id || name !== clip.placement);
  const name = alone ? clip.placement : freeId(document.dialogue.placements, clip.placement);
  const lies: Placement = { ...placement, film: { ...placement.film, in_samples: placement.film.in_samples + by, out_samples: placement.film.out_samples + by }, method: 'person', decided: kByPerson };
  const placed: Document = { ...document, dialogue: { ...document.dialogue, placements: { ...document.dialogue.placements, [name]: lies } } };
  return inDialogue(placed, id, (item) => ({ ...shifted(item, by), placement: name }));
}

/** To another lane of the same kind; clips whose lane is their own stay. */
export function onTrack(clip: Clip, track: Track): Change {
  return (document) =>
    change(document, clip, {
      dialogue: (value, id) => (track.phase === 'dialogue' ? inDialogue(value, id, (item) => ({ ...item, track: track.strip })) : value),
      effect: (value, id) => (track.strip.startsWith('fx-') ? inEffects(value, id, (item) => ({ ...item, track: track.strip.slice(3) })) : value),
    });
}

/** How far the edges of a clip may go. */
export function limits(clip: Clip): { least_in: number; most_out: number } {
  const looped = clip.kind === 'tone' || clip.kind === 'ambience' || clip.kind === 'adr' || clip.kind === 'foley' || clip.kind === 'music';
  if (looped || !clip.source) return { least_in: 0, most_out: Infinity };
  return { least_in: Math.max(0, clip.in - clip.source.handle_before), most_out: clip.out + clip.source.handle_after };
}

/** Gives a clip another start and end within its recording; what is heard in between stays where it is. */
export function trimmed(clip: Clip, wanted_in: number, wanted_out: number): Change {
  const { least_in, most_out } = limits(clip);
  const from = Math.max(least_in, Math.min(wanted_in, wanted_out - 1));
  const to = Math.min(most_out, Math.max(wanted_out, from + 1));
  return (document) => {
    const rate = document.rate_hz;
    const by_s = (from - clip.in) / rate;
    return change(document, clip, {
      dialogue: (value, id) => inDialogue(value, id, (item) => fadesFit(spanned(item, from, to))),
      tone: (value, id) => inFills(value, id, (item) => fadesFit(spanned(item, from, to))),
      adr: (value, id) => inCues(value, id, (item) => spanned(item, from, to)),
      ambience: (value, id) => inBeds(value, id, (item) => fadesFit(spanned(item, from, to))),
      effect: (value, id) => inEffects(value, id, (item) => fadesWithin({ ...item, at_samples: from, source_in_s: item.source_in_s + by_s, source_out_s: item.source_in_s + by_s + (to - from) / rate }, to - from)),
      foley: (value, id) => inSteps(value, id, (item) => ({ ...item, at_samples: from, out_samples: to })),
      performance: (value, id) => inPasses(value, id, (item) => ({ ...item, at_samples: from, source_in_s: item.source_in_s + by_s, source_out_s: item.source_in_s + by_s + (to - from) / rate })),
      music: (value, id) => inMusic(value, id, (item) => fadesFit({ ...spanned(item, from, to), source_in_s: Math.max(0, item.source_in_s + by_s) })),
    });
  };
}

function fadesWithin<Item extends { fade_in: Fade; fade_out: Fade }>(item: Item, length: number): Item {
  const first = Math.min(item.fade_in.length_samples, length);
  const last = Math.min(item.fade_out.length_samples, length - first);
  return { ...item, fade_in: { ...item.fade_in, length_samples: first }, fade_out: { ...item.fade_out, length_samples: last } };
}
const fadesFit = <Item extends { film: { in_samples: number; out_samples: number }; fade_in: Fade; fade_out: Fade }>(item: Item): Item => fadesWithin(item, item.film.out_samples - item.film.in_samples);

const kCollections = {
  dialogue: ['dialogue', 'clips'], tone: ['dialogue', 'fills'], adr: ['adr', 'cues'], ambience: ['design', 'ambiences'], effect: ['design', 'effects'], foley: ['foley', 'cues'], performance: ['foley', 'performances'], music: ['music', 'cues'],
} as const;

function collection(document: Document, kind: Clip['kind']): Record<string, unknown> {
  const [phase, name] = kCollections[kind];
  return (document[phase] as unknown as Record<string, Record<string, unknown>>)[name] ?? {};
}
function withCollection(document: Document, kind: Clip['kind'], items: Record<string, unknown>): Document {
  const [phase, name] = kCollections[kind];
  return { ...document, [phase]: { ...document[phase], [name]: items } };
}

/** Two clips of one, with nothing changed to the ear. Cues are not split: they are one action or one line. */
export function split(clip: Clip, at: number): Change {
  return (document) => {
    if (at <= clip.in || at >= clip.out || clip.kind === 'adr' || clip.kind === 'foley') return document;
    const items = collection(document, clip.kind);
    const item = items[clip.id];
    if (typeof item !== 'object' || item === null) return document;
    const id = freeId(items, clip.id);
    const cut = (fade: 'fade_in' | 'fade_out') => (value: Document, of: string): Document => {
      const found = collection(value, clip.kind);
      const one = found[of];
      return typeof one === 'object' && one !== null && fade in one ? withCollection(value, clip.kind, { ...found, [of]: { ...one, [fade]: kCut } }) : value;
    };
    const doubled = withCollection(document, clip.kind, { ...items, [id]: item });
    const second: Clip = { ...clip, id, path: clip.path.slice(0, clip.path.lastIndexOf('/') + 1) + id };
    const both = all(trimmed(clip, clip.in, at), trimmed(second, at, clip.out))(doubled);
    return cut('fade_in')(cut('fade_out')(both, clip.id), id);
  };
}

export function removed(clip: Clip): Change {
  return (document) => withCollection(document, clip.kind, Object.fromEntries(Object.entries(collection(document, clip.kind)).filter(([id]) => id !== clip.id)));
}

/** Everything on the lane that starts at `from` or later goes by so many samples. */
export function rippled(track: Track, from: number, by: number, except: ReadonlySet<string> = new Set()): Change {
  return all(...track.clips.filter((clip) => clip.in >= from && !except.has(clip.path)).map((clip) => moved(clip, by)));
}

const withField = <Name extends string>(clip: Clip, name: Name, value: unknown): Change => (document) => {
  const items = collection(document, clip.kind);
  const item = items[clip.id] as { decided: Decision } | undefined;
  if (!item || !(name in item)) return document;
  return withCollection(document, clip.kind, withItem(items as Record<string, { decided: Decision }>, clip.id, (one) => ({ ...one, [name]: value })));
};

export function gained(clip: Clip, gain_db: number): Change {
  const kept = Math.min(48, Math.max(-96, Math.round(gain_db * 10) / 10));
  if (clip.kind !== 'adr') return withField(clip, 'gain_db', kept);
  return (document) => {
    const take = document.adr.cues[clip.id]?.chosen_take ?? '';
    return { ...document, adr: { ...document.adr, takes: withItem(document.adr.takes, take, (item) => ({ ...item, gain_db: kept })) } };
  };
}

export function faded(clip: Clip, side: 'in' | 'out', length: number, shape?: Fade['shape']): Change {
  const fade = side === 'in' ? clip.fade_in : clip.fade_out;
  const other = (side === 'in' ? clip.fade_out : clip.fade_in)?.length_samples ?? 0;
  if (!fade) return (document) => document;
  const kept = Math.round(Math.min(clip.out - clip.in - other, Math.max(0, length)));
  return withField(clip, side === 'in' ? 'fade_in' : 'fade_out', { ...fade, length_samples: kept, shape: shape ?? fade.shape });
}

export const mutedClip = (clip: Clip, muted: boolean): Change => withField(clip, 'muted', muted);

/** Two neighbours flow into one another over `length` samples about their meeting point, as far as their recordings reach. */
export function crossfaded(first: Clip, second: Clip, length: number): Change {
  const overlapped = first.out > second.in;
  const middle = overlapped ? Math.round((first.out + second.in) / 2) : Math.round((first.out + second.in) / 2);
  const half = Math.round(length / 2);
  const to = Math.min(limits(first).most_out, middle + half, second.out);
  const from = Math.max(limits(second).least_in, middle - half, first.in);
  const both = Math.max(0, to - from);
  const fade: Fade = { length_samples: both, shape: 'equal_power' };
  return all(trimmed(first, first.in, to), trimmed(second, from, second.out), withField(first, 'fade_out', fade), withField(second, 'fade_in', fade));
}

export const kUsualStrip: Strip = {
  gain_db: 0, pan: 0, muted: false, soloed: false, eq: {},
  compressor: { on: false, threshold_dbfs: -20, ratio: 2, knee_db: 6, attack_ms: 10, release_ms: 150, make_up_db: 0, reason: '' },
  gain_automation_db: {}, decided: kByPerson,
};

export function withStrip(track: Track, change_strip: (strip: Strip) => Strip): Change {
  return (document) => {
    const strip = document.mix.strips[track.strip] ?? kUsualStrip;
    return { ...document, mix: { ...document.mix, strips: { ...document.mix.strips, [track.strip]: { ...change_strip(strip), decided: kByPerson } } } };
  };
}

/** Adds a point of automation, or moves one. */
export function automated(track: Track, id: string | null, at: number, value: number): Change {
  const kept = { at_samples: Math.max(0, Math.round(at)), value: Math.min(24, Math.max(-96, Math.round(value * 10) / 10)) };
  return withStrip(track, (strip) => ({ ...strip, gain_automation_db: { ...strip.gain_automation_db, [id ?? freeId(strip.gain_automation_db, 'p')]: kept } }));
}
export function automationRemoved(track: Track, id: string): Change {
  return withStrip(track, (strip) => ({ ...strip, gain_automation_db: Object.fromEntries(Object.entries(strip.gain_automation_db).filter(([other]) => other !== id)) }));
}

/** Neighbours of the selection on its lane, to cross-fade with: pairs that touch or overlap. */
export function meetings(model: Model, paths: ReadonlySet<string>, reach: number): [Clip, Clip][] {
  const found: [Clip, Clip][] = [];
  for (const track of model.tracks)
    track.clips.forEach((clip, index) => {
      const next = track.clips[index + 1];
      if (next && (paths.has(clip.path) || paths.has(next.path)) && next.in - clip.out <= reach && clip.kind === next.kind) found.push([clip, next]);
    });
  return found;
}
