import { expect, test } from 'vitest';
import { QuantumClock } from './quantum_clock.ts';

const ticked = (stated: readonly number[]): number[] => {
  const clock = new QuantumClock();
  return stated.map((frame) => clock.tick(frame, 128));
};

test('what is stated is the frame', () => {
  expect(ticked([4096, 4224, 4352])).toEqual([4096, 4224, 4352]);
});
test('a frame that is stated again, as often as may be, is counted on', () => {
  expect(ticked([0, 128, 128, 128, 512, 640])).toEqual([0, 128, 256, 384, 512, 640]);
});
test('a jump ahead is believed: the sound stood still', () => {
  expect(ticked([0, 128, 1024, 1024, 1280])).toEqual([0, 128, 1024, 1152, 1280]);
});
