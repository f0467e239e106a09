/** A session as large as films get, made by rule: two hours, a hundred tracks, some twelve thousand clips and cues. */
import type { Document } from '../../schema/types.ts';

const kRate = 48000;
const kHours = 2;

/** Numbers that look random and are the same everywhere. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

export interface BigOptions {
  tracks: number;
  /** The film with its media, and nothing made of them. */
  film: Document;
  /** Ids of the media that the clips are of: each has its share of the film, one after another. */
  recordings: readonly string[];
}

export const kFilmSeconds = kHours * 3600;

/** The film with clips and cues on so many tracks. */
export function bigSession({ tracks, film, recordings }: BigOptions): Document {
  const random = sequence(7);
  const length = kFilmSeconds * kRate;
  const share = length / recordings.length;
  const fade = (length_samples: number): unknown => ({ length_samples, shape: 'equal_power' });
  const decided = { by: 'auto', reason: 'made by rule', confidence: 1 };
  const placements = Object.fromEntries(
    recordings.map((media, index) => [`p${index}`, { media, film: { in_samples: index * share, out_samples: (index + 1) * share }, source_at_in_s: 0, drift_ppm: 3, method: 'waveform', score: 1, decided }]),
  );
  const clips: Record<string, unknown> = {};
  const effects: Record<string, unknown> = {};
  const ambiences: Record<string, unknown> = {};
  const cues: Record<string, unknown> = {};
  const steps: Record<string, unknown> = {};
  const dialogue_tracks = Math.round(tracks * 0.4);
  const effect_tracks = Math.round(tracks * 0.4);
  const bed_tracks = tracks - dialogue_tracks - effect_tracks - 8;
  for (let track = 0; track < dialogue_tracks; ++track)
    for (let at = random() * 20 * kRate, n = 0; at < length; ++n) {
      const long = (1 + random() * 12) * kRate;
      const place = Math.floor(at / share);
      const out = Math.min(Math.floor((place + 1) * share), Math.round(at + long));
      clips[`c${track}-${n}`] = {
        placement: `p${place}`, channel: 0, film: { in_samples: Math.round(at), out_samples: out }, track: `dialogue-${track + 1}`, role: 'speech', fade_in: fade(960), fade_out: fade(1920), gain_db: Math.round(random() * 120 - 60) / 10,
        muted: false, scene: String(1 + Math.floor(at / length * 90)), character: '', text: `line ${n} of track ${track + 1}`, decided,
      };
      at = out + random() * 60 * kRate;
    }
  for (let track = 0; track < effect_tracks; ++track)
    for (let at = random() * 60 * kRate, n = 0; at < length - 10 * kRate; ++n, at += (5 + random() * 50) * kRate)
      effects[`fx${track}-${n}`] = {
        media: recordings[(track + n) % recordings.length], track: `fx-${track + 1}`, at_samples: Math.round(at), source_in_s: random() * 30, source_out_s: 31 + random() * 3, fade_in: fade(0), fade_out: fade(2400), gain_db: -6, pan: 0, name: `effect ${n}`, decided,
      };
  for (let track = 0; track < bed_tracks; ++track) {
    const at = (track / bed_tracks) * length;
    ambiences[`bed${track}`] = { media: recordings[track % recordings.length], film: { in_samples: Math.round(at), out_samples: Math.round(Math.min(length, at + length / 4)) }, fade_in: fade(kRate), fade_out: fade(kRate), gain_db: -12, width: 1, scene: '', decided };
  }
  for (let n = 0; n < 60; ++n) cues[`cue${n}`] = { number: String(n), film: { in_samples: Math.round((n / 60) * length), out_samples: Math.round((n / 60) * length + 3 * kRate) }, character: `Voice ${n % 4}`, text: `words ${n}`, status: 'open', decided };
  for (let n = 0; n < 3000; ++n) steps[`f${n}`] = { pass: 'feet', at_samples: Math.round((n / 3000) * length), character: '', surface: 'wood', action: 'step', status: 'open', gain_db: 0, pan: 0, decided };
  return {
    ...film, picture: { ...film.picture, length_samples: length }, dialogue: { placements, refusals: {}, clips, fills: {} }, adr: { cues, takes: {} }, design: { ambiences, effects }, foley: { ...film.foley, cues: steps },
  } as unknown as Document;
}
