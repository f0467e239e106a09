import type { Mix } from '$schema/types';

/** What the server says of a film's mix for the mixer in the worklet (LiveMix of engine/phases/mix/live_mix.h). */
export interface LiveMix {
  revision: number;
  rate_hz: number;
  layout: 'mono' | 'stereo' | '5.1' | '7.1' | (string & {});
  length_samples: number;
  production_effects_stem: boolean;
  ceiling_dbtp: number;
  chunk_samples: number;
  tracks: { id: string; name: string; sound: string; stem: string; role: string; pan: number; channels: number }[];
  mix: Mix;
}
