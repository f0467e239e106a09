import { describe, expect, it } from 'vitest';
import {
  decibels, formatDecibels, formatTimecode, frameMiddle, frameOfSample, frameRate, frames, frameStart, nearestFrameStart, parseDecibels, parseTimecode, samples, Timecode, toDecibels,
  toGain, type FrameRate,
} from './index.ts';

const rate = (text: string): FrameRate => {
  const found = frameRate(text);
  if (!found) throw new Error(text);
  return found;
};

describe('frame rates', () => {
  it('reads the texts of a session', () => {
    expect(rate('25')).toEqual({ numerator: 25, denominator: 1 });
    expect(rate('23.976')).toEqual({ numerator: 24000, denominator: 1001 });
    expect(rate('30000/1001')).toEqual({ numerator: 30000, denominator: 1001 });
    expect(frameRate('fast')).toBeNull();
    expect(frameRate('0')).toBeNull();
  });
  it('finds the frame of its own first sample again, and the one before for the sample before, at every rate', () => {
    for (const text of ['23.976', '24', '25', '29.97', '50', '59.94'])
      for (const rate_hz of [44100, 48000, 96000])
        for (let n = 0; n < 200000; n += 977) {
          const start = frameStart(frames(n), rate(text), rate_hz);
          expect(frameOfSample(start, rate(text), rate_hz)).toBe(n);
          expect(frameOfSample(samples(start - 1), rate(text), rate_hz)).toBe(n - 1);
          expect(nearestFrameStart(samples(start + 3), rate(text), rate_hz)).toBe(start);
        }
  });
  it('puts a seek in the middle of the frame', () => {
    expect(frameMiddle(frames(10), rate('25'))).toBeCloseTo(0.42, 12);
  });
});

describe('timecode', () => {
  it('drops two numbers a minute but not every tenth at 29.97', () => {
    const r = rate('29.97');
    expect(formatTimecode(1799, r, true)).toBe('00:00:59;29');
    expect(formatTimecode(1800, r, true)).toBe('00:01:00;02');
    expect(formatTimecode(17982, r, true)).toBe('00:10:00;00');
    expect(formatTimecode(107892, r, true)).toBe('01:00:00;00');
    expect(parseTimecode('00:01:00;00', r, true)).toBeNull();
  });
  it('reads what it wrote, for a whole day of every kind', () => {
    for (const [text, drop] of [['29.97', true], ['59.94', true], ['25', false], ['23.976', false]] as const)
      for (let n = 0; n < 86400 * 23; n += 7919) expect(parseTimecode(formatTimecode(n, rate(text), drop), rate(text), drop)).toBe(n);
  });
  it('starts where the film starts', () => {
    const code = new Timecode({ rate: rate('25'), drop: false, start: 90000 }, 48000);
    expect(code.at(samples(0))).toBe('01:00:00:00');
    expect(code.at(samples(1919))).toBe('01:00:00:00');
    expect(code.at(samples(1920))).toBe('01:00:00:01');
    expect(code.position('01:00:01:00')).toBe(48000);
    expect(code.position('nowhere')).toBeNull();
  });
});

describe('levels', () => {
  it('converts both ways', () => {
    expect(toGain(decibels(0))).toBe(1);
    expect(toDecibels(toGain(decibels(-23)))).toBeCloseTo(-23, 12);
  });
  it('writes and reads a true minus', () => {
    expect(formatDecibels(decibels(-3))).toBe('−3.0 dB');
    expect(formatDecibels(decibels(-0.04))).toBe('0.0 dB');
    expect(parseDecibels('−3.0 dB')).toBe(-3);
    expect(parseDecibels('+2,5')).toBe(2.5);
    expect(parseDecibels('loud')).toBeNull();
  });
});
