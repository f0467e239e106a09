import { describe, expect, it } from 'vitest';
import type { SyncMeasured } from '$lib/api';
import type { Document, Media, Placement } from '$schema/types';
import { channelName, grouped, sourcesOf } from './sources.ts';
import { corrected, driftOver, fileSpan, fileStart, filmAt, movedLater, residuals, sourceAt, spreadOf, withDrift } from './sync.ts';

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

describe('the stretches of a recording beside their line', () => {
  const at = fileStart(placement, rate) / rate;
  const measured = { against: 'cut', offset_s: at, drift_ppm: 40, windows: [{ source_s: 5, left_ms: 0.1, on_line: true }, { source_s: 9, left_ms: -3, on_line: false }] } as SyncMeasured;
  const values = (p: Placement, of_film: boolean): number[] => residuals(p, measured, rate, of_film).map(({ ms }) => ms);
  const near = (found: number[], wanted: number[]): void => wanted.forEach((value, n) => expect(found[n]).toBeCloseTo(value, 6));
  it('stand as they were measured where nobody has moved it', () => near(values(placement, true), [0.1, -3]));
  it('all move when the sound is moved by hand, and turn with its drift', () => {
    // Later in the film: what is heard there comes from earlier in the file, and each stretch is late by so much.
    near(values(movedLater(placement, 20), true), [20.0008 + 0.1, 20.0008 - 3]);
    const turned = values(withDrift(placement, 50, 48000, rate), true);
    expect(turned[1] ?? 0).toBeCloseTo(-3 - (9 - 4.2) * 1e-2, 3);
  });
  it('stay about their own line where that is of another recording, or of another place', () => {
    near(values(movedLater(placement, 20), false), [0.1, -3]);
    near(values(movedLater(placement, 2000), true), [0.1, -3]);
  });
  it('are shown as large as those on the line ask for', () => {
    expect(spreadOf(residuals(placement, measured, rate, true))).toBeCloseTo(0.12, 6);
    expect(filmAt(placement, sourceAt(placement, 100000, rate), rate)).toBe(100000);
    expect(fileSpan(placement, rate)).toEqual([4.2, sourceAt(placement, 480000, rate)]);
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
