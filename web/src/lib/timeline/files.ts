import type { Document, EffectClip, MusicCue } from '$schema/types';
import { freeId } from './edits.ts';

export interface PlacedFile {
  change: (document: Document) => Document;
  path: string;
  /** In samples. */
  length: number;
}

/** What lays a file that has just been added on the timeline: an effect on the track, or a cue of music. */
export function placedFile(document: Document, media: string, phase: 'design' | 'music', at: number, strip: string): PlacedFile {
  const file = document.media[media];
  const length = Math.max(1, Math.round((file?.duration_s ?? 0) * document.rate_hz));
  const decided = { by: 'person', reason: '', confidence: 1 } as const;
  const none = { length_samples: 0, shape: 'equal_power' } as const;
  if (phase === 'music') {
    const id = freeId(document.music.cues, 'cue');
    const cue: MusicCue = {
      number: `M${Object.keys(document.music.cues).length + 1}`, media, film: { in_samples: at, out_samples: at + length }, source_in_s: 0, fit: false, diegetic: false, futz: '', usage: '', duck: true, speech_distance_lu: 10, fade_in: none,
      fade_out: none, gain_db: 0, decided,
    };
    return { change: (value) => ({ ...value, music: { ...value.music, cues: { ...value.music.cues, [id]: cue } } }), path: `/music/cues/${id}`, length };
  }
  const id = freeId(document.design.effects, 'fx');
  const effect: EffectClip = {
    media, track: strip.startsWith('fx-') ? strip.slice(3) : 'effects', at_samples: at, source_in_s: 0, source_out_s: file?.duration_s ?? 0, chain: {}, fade_in: none, fade_out: none, gain_db: 0, pan: 0, name: file?.name ?? media, decided,
  };
  return { change: (value) => ({ ...value, design: { ...value.design, effects: { ...value.design.effects, [id]: effect } } }), path: `/design/effects/${id}`, length };
}
