import { describe, expect, it } from 'vitest';
import { chordOf, chords, chordText, kUsualKeys } from './map.ts';

const press = (key: string, code = '', held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}): string =>
  chordOf({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('keys', () => {
  it('reads chords as the map writes them', () => {
    expect(press('z', 'KeyZ', { ctrlKey: true })).toBe('Ctrl+Z');
    expect(press('Z', 'KeyZ', { metaKey: true, shiftKey: true })).toBe('Ctrl+Shift+Z');
    expect(press(' ', 'Space')).toBe('Space');
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?');
    expect(press('¡', 'Digit1', { altKey: true })).toBe('Alt+1');
    expect(press('Shift', 'ShiftLeft', { shiftKey: true })).toBe('');
  });
  it('gives no chord to two commands', () => {
    const all = Object.values(kUsualKeys).flatMap(chords);
    expect(new Set(all).size).toBe(all.length);
  });
  it('writes chords for people', () => {
    expect(chordText('Ctrl+ArrowLeft')).toBe('Ctrl ←');
    expect(chordText('+')).toBe('+');
  });
});
