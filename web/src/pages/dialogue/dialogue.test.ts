import { describe, expect, it } from 'vitest';
import type { Document, Media, Placement } from '$schema/types';
import { channelName, grouped, sourcesOf } from './sources.ts';
import { corrected, driftOver, fileStart, movedLater, sourceAt, withDrift } from './sync.ts';

const rate = 48000;
const placement: Placement = {
  media: 'rec', film: { in_samples: 48000, out_samples: 480000 }, source_at_in_s: 4.2, drift_ppm: 40, drift_interval_ppm: 1, method: 'waveform', score: 40,
  runner_up: '', decided: { by: 'auto', reason: 'found', confidence: 0.99 },
};

describe('a placement', () => {
  it('says which second of the file is heard', () => {
    expect(sourceAt(placement, 48000, rate)).toBe(4.2);
    expect(sourceAt(placement, 48000 + 480000, rate)).toBeCloseTo(14.2004, 9);
    expect(sourceAt(placement, fileStart(placement, rate), rate)).toBeCloseTo(0, 9);
  });
  it('moves later in the film by what was said, everywhere', () => {
    const later = movedLater(placement, 20);
    expect(fileStart(later, rate) - fileStart(placement, rate)).toBeCloseTo(960, 3);
  });
  it('turns about the place that is looked at', () => {
    const turned = withDrift(placement, -15, 240000, rate);
    expect(sourceAt(turned, 240000, rate)).toBeCloseTo(sourceAt(placement, 240000, rate), 8);
    expect(driftOver(55, 10 * rate, rate)).toBeCloseTo(0.55, 9);
  });
  it('is a person’s once corrected, and keeps what else is known', () => {
    const by = corrected(placement, movedLater(placement, 5), 'by ear');
    expect(by).toMatchObject({ method: 'person', decided: { by: 'person', reason: 'by ear', confidence: 1 }, score: 40, film: placement.film });
  });
});

describe('the sources', () => {
  const item = (m: Partial<Media>): Media => ({ kind: 'recording', name: '', scene: '', take: '', device: '', problem: '', channels: 2, tracks: {}, ...m }) as Media;
  const document = {
    media: {
      rec: item({ name: 'R1.wav', scene: '2', take: '1', device: 'MixPre', tracks: { '1': 'Boom' } }),
      rec10: item({ name: 'R2.wav', scene: '10', device: 'MixPre' }),
      lost: item({ name: 'R3.wav' }),
      bad: item({ name: 'R4.wav', problem: 'cut off' }),
      song: item({ kind: 'music', name: 'song.wav' }),
      cut: item({ kind: 'picture', name: 'cut.mp4', channels: 0 }),
    },
    dialogue: {
      placements: { p1: placement },
      refusals: { r: { media: 'lost', score: 5, reason: 'not in it', runner_up: '' } },
      clips: { c1: { placement: 'p1' }, c2: { placement: 'other' } },
      fills: {},
    },
  } as unknown as Document;
  it('hold recordings only, with what became of each', () => {
    const states = Object.fromEntries(sourcesOf(document).map((s) => [s.media, s.state]));
    expect(states).toEqual({ rec: 'placed', rec10: 'unplaced', lost: 'refused', bad: 'broken' });
    expect(sourcesOf(document)[0]?.clips).toEqual(['c1']);
  });
  it('stand by scene as people count, the unnamed last; by state, the troubled first', () => {
    expect(grouped(sourcesOf(document), 'scene', '(none)').map((g) => g.name)).toEqual(['2', '10', '(none)']);
    expect(grouped(sourcesOf(document), 'state', '').map((g) => g.name)).toEqual(['broken', 'refused', 'unplaced', 'placed']);
  });
  it('name channels as the recorder did', () => {
    expect(channelName(document.media['rec'], 0)).toBe('Boom');
    expect(channelName(document.media['rec'], 1)).toBe('2');
  });
});
