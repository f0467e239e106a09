import { describe, expect, it } from 'vitest';
import type { EffectKind } from '$lib/api';
import { added, lengthAfter, moved, steps, withNumber, withText, without } from './chain.ts';

const pitch: EffectKind = { kind: 'pitch', numbers: [{ key: 'semitones', meaning: '', least: -24, most: 24, usual: 0 }], words: [] };
const futz: EffectKind = { kind: 'futz', numbers: [{ key: 'amount', meaning: '', least: 0, most: 1, usual: 1 }], words: [{ key: 'preset', meaning: '', choices: ['telephone', 'radio'] }] };
const stretch: EffectKind = { kind: 'stretch', numbers: [{ key: 'factor', meaning: '', least: 0.125, most: 8, usual: 1 }], words: [] };

describe('a chain of effects', () => {
  it('grows at its end with what the table says is usual', () => {
    const chain = added(added(added({}, pitch), futz), pitch);
    expect(steps(chain).map(([id]) => id)).toEqual(['pitch1', 'futz1', 'pitch2']);
    expect(chain['futz1']).toEqual({ order: 1, kind: 'futz', numbers: { amount: 1 }, texts: { preset: 'telephone' } });
  });
  it('moves a step past its neighbour, also where orders are equal', () => {
    const chain = { a: { order: 3, kind: 'x', numbers: {}, texts: {} }, b: { order: 3, kind: 'y', numbers: {}, texts: {} } };
    expect(steps(moved(chain, 'b', -1)).map(([id]) => id)).toEqual(['b', 'a']);
    expect(moved(chain, 'a', -1)).toBe(chain);
  });
  it('sets and takes out without touching what it was', () => {
    const chain = added({}, futz);
    expect(withNumber(chain, 'futz1', 'amount', 0.4)['futz1']?.numbers['amount']).toBe(0.4);
    expect(withText(chain, 'futz1', 'preset', 'radio')['futz1']?.texts['preset']).toBe('radio');
    expect(without(chain, 'futz1')).toEqual({});
    expect(chain['futz1']?.numbers['amount']).toBe(1);
  });
  it('knows how long a stretched clip becomes', () => {
    expect(lengthAfter(1000, withNumber(added({}, stretch), 'stretch1', 'factor', 1.5))).toBe(1500);
  });
});
