import { describe, expect, it } from 'vitest';
import { applyPatch, difference, keysOf, PatchError, pointer, valueAt } from './patch.ts';

describe('JSON Patch', () => {
  it('escapes keys both ways', () => {
    expect(pointer('a/b', 'c~d')).toBe('/a~1b/c~0d');
    expect(keysOf('/a~1b/c~0d')).toEqual(['a/b', 'c~d']);
  });
  it('never touches the value it is given, and shares what stays', () => {
    const before = { a: { x: 1 }, b: { y: [1, 2] } };
    const after = applyPatch(before, [{ op: 'replace', path: '/a/x', value: 2 }]);
    expect(before.a.x).toBe(1);
    expect(after).toEqual({ a: { x: 2 }, b: { y: [1, 2] } });
    expect(after.b).toBe(before.b);
  });
  it('does what RFC 6902 says of each operation', () => {
    expect(applyPatch({ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }])).toEqual({ a: [1, 2, 3] });
    expect(applyPatch({ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }])).toEqual({ a: [1, 2] });
    expect(applyPatch({ a: 1, b: 2 }, [{ op: 'move', from: '/a', path: '/c' }])).toEqual({ b: 2, c: 1 });
    expect(applyPatch({ a: { x: 1 } }, [{ op: 'copy', from: '/a', path: '/b' }])).toEqual({ a: { x: 1 }, b: { x: 1 } });
  });
  it('applies all or nothing', () => {
    expect(() => applyPatch({ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }, { op: 'test', path: '/a', value: 1 }])).toThrow(PatchError);
    expect(() => applyPatch({ a: 1 }, [{ op: 'replace', path: '/b', value: 2 }])).toThrow(PatchError);
    expect(() => applyPatch({ a: 1 }, [{ op: 'remove', path: '/toString' }])).toThrow(PatchError);
  });
  it('finds the difference that leads from one to the other', () => {
    const before = { a: 1, gone: true, deep: { list: [1, 2], same: { x: 1 } } };
    const after = { a: 2, deep: { list: [2], same: { x: 1 } }, fresh: { k: 'v' } };
    const patch = difference(before, after);
    expect(applyPatch(before, patch)).toEqual(after);
    expect(patch).toHaveLength(4);
    expect(difference(after, structuredClone(after))).toEqual([]);
    expect(valueAt(after, '/fresh/k')).toBe('v');
  });
});
