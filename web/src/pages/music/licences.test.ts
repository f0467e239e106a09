import { expect, it } from 'vitest';
import type { Document } from '$schema/types';
import { licenceRows, usageFor } from './licences.ts';

const licence = { title: 'T', author: 'A', licence: 'CC', source: '', publisher: '', isrc: '', notes: '' };
const document = {
  media: { a: { name: 'a.wav', licence }, b: { name: 'b.wav', licence: { ...licence, author: '', title: '' } }, c: { name: 'c.wav', licence } },
  music: { cues: { x: { media: 'a', film: { in_samples: 0, out_samples: 10 } }, y: { media: 'a', film: { in_samples: 20, out_samples: 25 } }, z: { media: 'b', film: { in_samples: 0, out_samples: 1 } } } },
} as unknown as Document;

it('lists each piece that is heard once, the incomplete first', () => {
  const rows = licenceRows(document);
  expect(rows.map((r) => r.media)).toEqual(['b', 'a']);
  expect(rows[0]?.missing).toEqual(['title', 'author']);
  expect(rows[1]).toMatchObject({ missing: [], heard: 15, incomplete: ['publisher', 'source', 'isrc'] });
});

it('gives music in the scene a visual code', () => {
  expect([usageFor(true, false), usageFor(false, false), usageFor(true, true)]).toEqual(['VI', 'BI', 'VV']);
});
