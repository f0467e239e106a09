import { describe, expect, it } from 'vitest';
import { RateServo } from './picture.ts';

/** A picture whose clock is off by a share, steered once a frame for some seconds. */
function lagAfter(seconds: number, clock: number, from_s: number): number {
  const servo = new RateServo();
  let error = from_s, rate = 1;
  for (let frame = 0; frame < seconds * 25; ++frame) {
    error += (rate * (1 + clock) - 1) / 25;
    rate = servo.rate(error);
  }
  return error;
}

describe('the picture lock', () => {
  it('brings a picture that starts 200 ms late to the sound within six seconds', () => {
    expect(Math.abs(lagAfter(6, 0, -0.2))).toBeLessThan(0.02);
  });
  it('learns the difference of two clocks: no offset is left after half a minute', () => {
    expect(Math.abs(lagAfter(30, 0.02, 0))).toBeLessThan(0.002);
    expect(Math.abs(lagAfter(30, -0.02, 0))).toBeLessThan(0.002);
  });
  it('never asks for a rate that is heard or seen as another speed', () => {
    const servo = new RateServo();
    for (const error of [-10, 10, 0.3, -0.3]) expect(Math.abs(servo.rate(error) - 1)).toBeLessThan(0.1201);
  });
});
