import { describe, expect, it } from 'vitest';
import type { Document } from '$schema/types';
import type { SoundInfo } from '$lib/api';
import { channelsOf, defaultBand, emptyStrip } from './channels.ts';

const decided = { by: 'person' as const, reason: 'by ear', confidence: 1 };
const document = {
  mix: {
    strips: { 'dialogue-a': { ...emptyStrip('strip', ''), gain_db: -3, decided }, 'music-m1': { ...emptyStrip('strip', ''), soloed: true } },
    buses: { dialogue: { ...emptyStrip('bus', ''), muted: true } },
    master: { gain_db: 4.5, compressor: {}, decided },
  },
} as unknown as Document;
const sound = (id: string, kind: SoundInfo['kind'], phase: string): SoundInfo => ({ id, kind, phase, name: id.toUpperCase(), channels: 1, length_samples: 0, chunks: 0, heard: [] });

describe('the desk', () => {
  const sounds = [sound('mix', 'mix', ''), sound('track:music-m1', 'track', 'music'), sound('track:foley-feet', 'track', 'foley'), sound('track:dialogue-a', 'track', 'dialogue'), sound('stem:foley', 'stem', 'foley')];
  it('has strips by phase, then buses that are heard or set, then the master', () => {
    expect(channelsOf(document, sounds, {}).map((c) => c.key)).toEqual(['strip:dialogue-a', 'strip:foley-feet', 'strip:music-m1', 'bus:dialogue', 'bus:foley', 'master:']);
  });
  it('shows what is set, and 0 dB where nothing is', () => {
    const [dialogue, feet, music, bus, , master] = channelsOf(document, sounds, {});
    expect([dialogue?.gain_db, dialogue?.decided.by, feet?.gain_db, feet?.decided.by, music?.soloed, bus?.muted, master?.gain_db]).toEqual([-3, 'person', 0, 'auto', true, true, 4.5]);
  });
  it('falls back on the strips where the sounds are not known yet', () => {
    expect(channelsOf(document, [], {}).map((c) => c.key)).toEqual(['strip:dialogue-a', 'strip:music-m1', 'bus:dialogue', 'master:']);
  });
  it('puts a new band at the end, within its limits', () => {
    expect(defaultBand({ a: { ...defaultBand({}, 'bell', 100, 0), order: 4 } }, 'bell', 5, 99)).toMatchObject({ order: 5, frequency_hz: 20, gain_db: 24 });
  });
});
