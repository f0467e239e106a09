import { describe, expect, it } from 'vitest';
import { runs, stateOf } from './spans.ts';
import type { BoardPhase } from '$lib/api';

describe('the strip of a phase', () => {
  it('merges what touches and shows the shortest sound', () => {
    expect(runs([{ in_samples: 0, out_samples: 100 }, { in_samples: 100, out_samples: 200 }, { in_samples: 900, out_samples: 901 }], 1000, 10)).toEqual([[0, 2], [9, 10]]);
  });
  it('keeps within the film', () => {
    expect(runs([{ in_samples: -50, out_samples: 5000 }], 1000, 10)).toEqual([[0, 10]]);
    expect(runs([{ in_samples: 0, out_samples: 1 }], 0, 10)).toEqual([]);
  });
});

describe('the state of a phase', () => {
  const row: BoardPhase = { phase: 'adr', state: 'open', summary: '', items: 3, by_person: 0, open: 1, findings: 0, approval: 'not-approved', approved_by: '', approved_at: '', stale: [] };
  it('puts what changed since approval before what is open', () => {
    expect(stateOf(row)).toBe('open');
    expect(stateOf({ ...row, approval: 'decision-changed' })).toBe('stale');
    expect(stateOf({ ...row, approval: 'up-to-date' })).toBe('approved');
    expect(stateOf({ ...row, open: 0 })).toBe('done');
    expect(stateOf({ ...row, open: 0, items: 0 })).toBe('empty');
  });
});
