/** Positions, lengths, rates and levels as types: numbers that may not be mixed up. */

declare const brand: unique symbol;
type Brand<Name extends string> = number & { readonly [brand]: Name };

/** A position on the film in samples of the session, or a count of them. */
export type Samples = Brand<'Samples'>;
export type Seconds = Brand<'Seconds'>;
/** Picture frames from the first frame of the film. */
export type Frames = Brand<'Frames'>;
/** Relative level. */
export type Decibels = Brand<'Decibels'>;
/** Linear. */
export type Gain = Brand<'Gain'>;

export const samples = (value: number): Samples => Math.round(value) as Samples;
export const seconds = (value: number): Seconds => value as Seconds;
export const frames = (value: number): Frames => Math.trunc(value) as Frames;
export const decibels = (value: number): Decibels => value as Decibels;

export const toSeconds = (at: Samples, rate_hz: number): Seconds => (at / rate_hz) as Seconds;
export const toSamples = (at: Seconds, rate_hz: number): Samples => samples(at * rate_hz);

/** Silence is minus infinity. */
export const toDecibels = (gain: Gain): Decibels => (gain > 0 ? 20 * Math.log10(gain) : -Infinity) as Decibels;
export const toGain = (level: Decibels): Gain => 10 ** (level / 20) as Gain;

export { frameRate, frameOfSample, frameStart, frameMiddle, nearestFrameStart, type FrameRate } from './frame_rate.ts';
export { Timecode, formatTimecode, parseTimecode, type TimecodeRate } from './timecode.ts';
export { formatDecibels, formatDuration, formatClock, parseDecibels } from './format.ts';
