import { expect, it } from 'vitest';
import { candidates, turnedDown } from './candidates.ts';

const cue = (at_samples: number): unknown => ({ pass: 'feet', at_samples, decided: { by: 'auto', reason: 'foot stops', confidence: 0.6 } });
const proposals = (patch: unknown) => ({ revision: 3, phase: 'foley', items: [{ path: '/foley/cues/s1', reason: 'left foot lands', confidence: 0.83, accepted: true }], findings: [], patch: JSON.stringify(patch) });

it('offers the cues that a proposal would add, in order, with their reasons', () => {
  const list = candidates(proposals([{ op: 'add', path: '/foley/cues/s2', value: cue(900) }, { op: 'add', path: '/foley/cues/s1', value: cue(100) }, { op: 'add', path: '/foley/sets/wood', value: {} }, { op: 'replace', path: '/foley/cues/old/status', value: 'done' }]), {});
  expect(list.map((c) => [c.id, c.reason, c.confidence])).toEqual([['s1', 'left foot lands', 0.83], ['s2', 'foot stops', 0.6]]);
});

it('leaves out what was turned down, and survives what it does not understand', () => {
  const ext = { twopop: { turned_down: { s1: true } } };
  expect(candidates(proposals([{ op: 'add', path: '/foley/cues/s1', value: cue(1) }]), turnedDown(ext))).toEqual([]);
  expect(candidates({ ...proposals([]), patch: 'no json' }, {})).toEqual([]);
  expect(candidates(null, {})).toEqual([]);
  expect(turnedDown({ twopop: 3 })).toEqual({});
});

it('takes a first cue that comes with its collection', () => {
  expect(candidates(proposals([{ op: 'add', path: '/foley/cues', value: { a: cue(7) } }]), {}).map((c) => c.id)).toEqual(['a']);
});
