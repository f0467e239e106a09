import { expect, it } from 'vitest';
import { kindOf } from './delivery.ts';

it('names files by what they are', () => {
  expect(['film.mp4', 'mix.wav', 'stems/dialogue.wav', 'm_and_e.wav', 'sheets/adr.csv', 'report.html', 'x.bin'].map(kindOf)).toEqual(['film', 'mix', 'stem', 'me', 'sheet', 'report', 'other']);
});
