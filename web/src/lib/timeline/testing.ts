import type { Document, Decision, Fade } from '$schema/types';

/** Small documents for tests. */
export const kAuto: Decision = { by: 'auto', reason: 'measured', confidence: 0.9 };
export const fade = (length_samples: number): Fade => ({ length_samples, shape: 'linear' });

export function smallDocument(): Document {
  const media = (duration_s: number): unknown => ({ path: 'a.wav', name: 'a', kind: 'recording', duration_s, rate_hz: 48000, channels: 1 });
  const clip = (in_samples: number, out_samples: number, track = 'dx'): unknown => ({
    placement: 'p1', channel: 0, film: { in_samples, out_samples }, track, role: 'speech', fade_in: fade(480), fade_out: fade(480), gain_db: 0, muted: false, scene: '', character: '', text: '', alternatives: {}, decided: kAuto,
  });
  return {
    name: 'small', rate_hz: 48000, frame_rate: '25', drop_frame: false, start_frame: 90000,
    picture: { media: '', length_samples: 4800000, events: {}, script: {} },
    media: { rec: media(60), door: media(2) },
    dialogue: {
      placements: { p1: { media: 'rec', film: { in_samples: 0, out_samples: 2880000 }, source_at_in_s: 0, drift_ppm: 10, drift_interval_ppm: 0, method: 'waveform', score: 1, runner_up: '', decided: kAuto } },
      refusals: {}, clips: { c1: clip(48000, 96000), c2: clip(96000, 144000), c3: clip(192000, 240000) }, fills: {},
    },
    adr: { cues: {}, takes: {} },
    design: { ambiences: {}, effects: { fx1: { media: 'door', track: 'hard', at_samples: 480000, source_in_s: 0.5, source_out_s: 1.5, chain: {}, fade_in: fade(0), fade_out: fade(0), gain_db: 0, pan: 0, name: 'door', decided: kAuto } } },
    foley: { sets: {}, cues: {}, performances: {}, seed: 1 },
    music: { cues: {}, sound_font: '' },
    mix: { strips: {}, buses: {}, master: {} },
    approvals: {},
  } as unknown as Document;
}
