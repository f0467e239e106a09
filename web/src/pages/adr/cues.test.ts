import { describe, expect, it } from 'vitest';
import type { Adr, AdrCue, AdrTake } from '$schema/types';
import { characters, cueRows, nextNumber, takesOf, tally } from './cues.ts';

const decided = { by: 'auto' as const, reason: '', confidence: 1 };
const cue = (c: Partial<AdrCue>): AdrCue => ({ number: '', film: { in_samples: 0, out_samples: 1 }, character: '', text: '', alternate_text: '', notes: '', reason_code: 'N', figure: '', on_screen: true, status: 'open', clip: '', chosen_take: '', decided, ...c });
const take = (t: Partial<AdrTake>): AdrTake => ({ media: '', cue: 'a', channel: 0, fit: 0.5, worst_ms: 0, stars: 0, nudge_ms: 0, gain_db: 0, refused: false, decided, ...t });
const adr: Adr = {
  cues: {
    a: cue({ number: '010', character: 'MARIA', text: 'Not tonight', film: { in_samples: 500, out_samples: 600 }, chosen_take: 't2', status: 'done' }),
    b: cue({ number: '9', character: 'JON', film: { in_samples: 100, out_samples: 200 }, figure: 'SNR 8.1 dB' }),
  },
  takes: { t1: take({ stars: 5 }), t2: take({ fit: 0.2 }), t3: take({ fit: 0.9 }), t4: take({ stars: 5, refused: true }), u: take({ cue: 'b' }) },
};

describe('the cue list', () => {
  it('sorts by time and by number as people count', () => {
    expect(cueRows(adr, { status: 'all', character: '', text: '' }, 'time').map((r) => r.id)).toEqual(['b', 'a']);
    expect(cueRows(adr, { status: 'all', character: '', text: '' }, 'number').map((r) => r.id)).toEqual(['b', 'a']);
    expect(cueRows(adr, { status: 'all', character: '', text: '' }, 'status').map((r) => r.id)).toEqual(['b', 'a']);
  });
  it('filters by state, character and words of any field', () => {
    expect(cueRows(adr, { status: 'done', character: '', text: '' }, 'time').map((r) => r.id)).toEqual(['a']);
    expect(cueRows(adr, { status: 'all', character: 'JON', text: '8.1' }, 'time').map((r) => r.id)).toEqual(['b']);
    expect(cueRows(adr, { status: 'all', character: '', text: 'tonight maria' }, 'time').map((r) => r.id)).toEqual(['a']);
  });
  it('puts the chosen take first and refused ones last', () => {
    expect(takesOf(adr, 'a').map((t) => t.id)).toEqual(['t2', 't1', 't3', 't4']);
  });
  it('counts, names and numbers', () => {
    expect(tally(adr)).toEqual({ open: 1, recorded: 0, done: 1, omitted: 0 });
    expect(characters(adr)).toEqual(['JON', 'MARIA']);
    expect(nextNumber(adr)).toBe('011');
    expect(nextNumber({ cues: {}, takes: {} })).toBe('001');
  });
});
