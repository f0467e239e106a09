import type { Frames, Samples, Seconds } from './index.ts';

/** Picture frames per second as a ratio: 24000/1001 is not 23.976. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

const kThousandths: Readonly<Record<string, number>> = { '23.976': 24000, '23.98': 24000, '29.97': 30000, '47.952': 48000, '59.94': 60000, '119.88': 120000 };

/** Reads what the session writes: "25", "29.97", "24000/1001". Null for anything else. */
export function frameRate(text: string): FrameRate | null {
  const bare = text.replace(/df$/, '');
  const thousandths = kThousandths[bare];
  if (thousandths !== undefined) return { numerator: thousandths, denominator: 1001 };
  const parts = /^(\d+)(?:\/(\d+))?$/.exec(bare);
  if (!parts) return null;
  const numerator = Number(parts[1]);
  const denominator = Number(parts[2] ?? 1);
  return numerator > 0 && denominator > 0 ? { numerator, denominator } : null;
}

/** First sample that belongs to the frame. Exact for films of any length that fits a number without loss. */
export function frameStart(frame: Frames, rate: FrameRate, rate_hz: number): Samples {
  const scaled = BigInt(frame) * BigInt(rate_hz) * BigInt(rate.denominator);
  const numerator = BigInt(rate.numerator);
  const quotient = scaled / numerator;
  const up = scaled % numerator > 0n ? 1n : 0n;
  return Number(quotient + up) as Samples;
}

/** The frame on screen while this sample is heard. */
export function frameOfSample(at: Samples, rate: FrameRate, rate_hz: number): Frames {
  return Number(floorDivide(BigInt(at) * BigInt(rate.numerator), BigInt(rate_hz) * BigInt(rate.denominator))) as Frames;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

export function nearestFrameStart(at: Samples, rate: FrameRate, rate_hz: number): Samples {
  const frame = frameOfSample(at, rate, rate_hz);
  const before = frameStart(frame, rate, rate_hz);
  const after = frameStart((frame + 1) as Frames, rate, rate_hz);
  return at - before <= after - at ? before : after;
}

/** Where a picture element must be sought to show the frame: its middle, since its start shows the frame before in many files. */
export function frameMiddle(frame: Frames, rate: FrameRate): Seconds {
  return (((frame + 0.5) * rate.denominator) / rate.numerator) as Seconds;
}
