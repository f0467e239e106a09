import { describe, expect, it } from 'vitest';
import type { Document } from '$schema/types';
import { applyPatch } from '$lib/store/patch';
import { automated, crossfaded, faded, freeId, gained, limits, moved, patchOf, removed, rippled, split, trimmed, withStrip } from './edits.ts';
import { buildModel, type Clip, type Track } from './model.ts';
import { smallDocument } from './testing.ts';

const clipOf = (document: Document, path: string): Clip => {
  const found = buildModel(document).clips.get(path);
  if (!found) throw new Error(path);
  return found.clip;
};
const trackOf = (document: Document, strip: string): Track => {
  const found = buildModel(document).tracks.find((track) => track.strip === strip);
  if (!found) throw new Error(strip);
  return found;
};
/** What is heard at a film sample: recording and second of it. */
function heard(document: Document, at: number): { media: string; second: number } | null {
  for (const { clip } of buildModel(document).clips.values())
    if (clip.in <= at && at < clip.out && clip.source) return { media: clip.source.media, second: clip.source.at_in_s + ((at - clip.in) / document.rate_hz) * (1 + clip.source.drift) };
  return null;
}

describe('edits of the timeline', () => {
  const document = smallDocument();
  const c1 = clipOf(document, '/dialogue/clips/c1');
  const fx = clipOf(document, '/design/effects/fx1');

  it('split changes nothing that is heard, for sound placed by sync and for effects', () => {
    for (const [clip, at] of [[c1, 70001], [fx, 500001]] as const) {
      const after = split(clip, at)(document);
      expect(buildModel(after).clips.size).toBe(buildModel(document).clips.size + 1);
      for (const place of [clip.in, at - 1, at, clip.out - 1]) {
        expect(heard(after, place)?.media).toBe(heard(document, place)?.media);
        expect(heard(after, place)?.second).toBeCloseTo(heard(document, place)?.second ?? NaN, 9);
      }
    }
  });
  it('split leaves a cut without fades between the halves and the outer fades as they were', () => {
    const after = split(c1, 70000)(document).dialogue.clips;
    expect([after['c1']?.fade_in.length_samples, after['c1']?.fade_out.length_samples]).toEqual([480, 0]);
    expect([after['c1.2']?.fade_in.length_samples, after['c1.2']?.fade_out.length_samples]).toEqual([0, 480]);
  });
  it('trim stays within the recording and keeps what is heard in its place', () => {
    expect(limits(c1).least_in).toBe(0);
    expect(trimmed(fx, 0, 10000000)(document).design.effects['fx1']).toMatchObject({ at_samples: 456000, source_in_s: 0, source_out_s: 2 });
    const after = trimmed(c1, 50000, 90000)(document);
    expect(heard(after, 60000)?.second).toBeCloseTo(heard(document, 60000)?.second ?? NaN, 9);
    expect(after.dialogue.clips['c1']?.film).toMatchObject({ in_samples: 50000, out_samples: 90000 });
  });
  it('moves sound with its own placement, and leaves the others where sync put them', () => {
    const after = moved(c1, 4800)(document);
    expect(after.dialogue.clips['c1']?.placement).toBe('p1.2');
    expect(after.dialogue.placements['p1.2']?.decided.by).toBe('person');
    expect(heard(after, 60000)?.second).toBeCloseTo((heard(document, 55200)?.second ?? NaN), 9);
    expect(after.dialogue.clips['c2']).toBe(document.dialogue.clips['c2']);
    // A second move shifts the placement that is already its own.
    const again = moved(clipOf(after, '/dialogue/clips/c1'), -4800)(after);
    expect(Object.keys(again.dialogue.placements)).toEqual(['p1', 'p1.2']);
    expect(heard(again, 60000)?.second).toBeCloseTo(heard(document, 60000)?.second ?? NaN, 9);
  });
  it('never moves before the first frame', () => {
    expect(moved(c1, -1000000)(document).dialogue.clips['c1']?.film.in_samples).toBe(0);
  });
  it('ripples only what comes later on the same track', () => {
    const after = rippled(trackOf(document, 'dx'), 96000, -1000)(document);
    expect(after.dialogue.clips['c1']).toBe(document.dialogue.clips['c1']);
    expect([after.dialogue.clips['c2']?.film.in_samples, after.dialogue.clips['c3']?.film.in_samples]).toEqual([95000, 191000]);
    expect(after.design).toBe(document.design);
  });
  it('cross-fades neighbours about their meeting point with fades of the same length', () => {
    const after = crossfaded(c1, clipOf(document, '/dialogue/clips/c2'), 4800)(document).dialogue.clips;
    expect(after['c1']?.film.out_samples).toBe(98400);
    expect(after['c2']?.film.in_samples).toBe(93600);
    expect(after['c1']?.fade_out).toEqual({ length_samples: 4800, shape: 'equal_power' });
    expect(after['c2']?.fade_in).toEqual(after['c1']?.fade_out);
  });
  it('keeps fades within the clip and gains within what the format allows', () => {
    expect(faded(c1, 'in', 1e9)(document).dialogue.clips['c1']?.fade_in.length_samples).toBe(48000 - 480);
    expect(gained(c1, 99)(document).dialogue.clips['c1']?.gain_db).toBe(48);
  });
  it('makes the decision the person\'s', () => {
    expect(gained(c1, -3)(document).dialogue.clips['c1']?.decided).toMatchObject({ by: 'person', reason: 'measured' });
  });
  it('makes patches that lead there and touch nothing else', () => {
    const change = gained(c1, -3);
    const patch = patchOf(document, change);
    expect(patch.map(({ path }) => path)).toEqual(['/dialogue/clips/c1/gain_db', '/dialogue/clips/c1/decided/by']);
    expect(applyPatch(document, patch)).toEqual(change(document));
    expect(patchOf(document, removed(c1))).toEqual([{ op: 'remove', path: '/dialogue/clips/c1' }]);
  });
  it('adds a strip where a track had none, and keeps automation in order of ids that are free', () => {
    const track = trackOf(document, 'dx');
    const after = withStrip(track, (strip) => ({ ...strip, muted: true }))(document);
    expect(buildModel(after).tracks.find(({ strip }) => strip === 'dx')?.muted).toBe(true);
    const two = automated(track, null, 5, -6)(automated(track, null, 10, 0)(after));
    expect(trackOf(two, 'dx').automation.map(({ at_samples }) => at_samples)).toEqual([5, 10]);
    expect(freeId({ 'c1': 1, 'c1.2': 1 }, 'c1.2')).toBe('c1.3');
  });
});
