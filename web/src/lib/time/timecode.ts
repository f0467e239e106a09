import { frameOfSample, frameStart, type FrameRate } from './frame_rate.ts';
import type { Frames, Samples } from './index.ts';

/** How a film counts: its rate, whether numbers are dropped, and the number of its first frame. */
export interface TimecodeRate {
  readonly rate: FrameRate;
  readonly drop: boolean;
  /** Frames since 00:00:00:00 (by the film's own way of counting) of the first frame. */
  readonly start: number;
}

const nominal = (rate: FrameRate): number => Math.round(rate.numerator / rate.denominator);
const dropped = (rate: FrameRate): number => Math.round(nominal(rate) / 15);

const two = (value: number): string => String(value).padStart(2, '0');

/** Frames since 00:00:00:00 as hh:mm:ss:ff, with a semicolon before the frames where numbers are dropped. */
export function formatTimecode(count: number, rate: FrameRate, drop: boolean): string {
  const fps = nominal(rate);
  const skip = drop ? dropped(rate) : 0;
  const day = fps * 86400 - skip * 9 * 6 * 24;
  let number = ((count % day) + day) % day;
  if (skip > 0) {
    const in_ten_minutes = fps * 600 - skip * 9;
    const tens = Math.floor(number / in_ten_minutes);
    const rest = number % in_ten_minutes;
    const minutes = rest < fps * 60 ? 0 : 1 + Math.floor((rest - fps * 60) / (fps * 60 - skip));
    number += skip * 9 * tens + skip * minutes;
  }
  const whole = Math.floor(number / fps);
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}${drop ? ';' : ':'}${two(number % fps)}`;
}

/** Frames since 00:00:00:00; null for a text that is no timecode or a number that is dropped. Leading parts may be left out ("12:05" is 12 s 5 frames). */
export function parseTimecode(text: string, rate: FrameRate, drop: boolean): number | null {
  if (!/^\d{1,3}([:;.]\d{1,2}){0,3}$/.test(text.trim())) return null;
  const parts = text.trim().split(/[:;.]/).map(Number);
  while (parts.length < 4) parts.unshift(0);
  const [hours = 0, minutes = 0, secs = 0, count = 0] = parts;
  const fps = nominal(rate);
  if (minutes > 59 || secs > 59 || count >= fps || hours > 23) return null;
  const skip = drop ? dropped(rate) : 0;
  if (skip > 0 && minutes % 10 !== 0 && secs === 0 && count < skip) return null;
  const total = hours * 60 + minutes;
  return (total * 60 + secs) * fps + count - skip * (total - Math.floor(total / 10));
}

/** Timecode of a film: between its samples and what people read. */
export class Timecode {
  readonly film: TimecodeRate;
  readonly rate_hz: number;
  constructor(film: TimecodeRate, rate_hz: number) {
    this.film = film;
    this.rate_hz = rate_hz;
  }
  at(position: Samples): string {
    return this.ofFrame(frameOfSample(position, this.film.rate, this.rate_hz));
  }
  ofFrame(frame: Frames): string {
    return formatTimecode(frame + this.film.start, this.film.rate, this.film.drop);
  }
  /** First sample of the frame that is named; null where the text names none. */
  position(text: string): Samples | null {
    const count = parseTimecode(text, this.film.rate, this.film.drop);
    return count === null ? null : frameStart((count - this.film.start) as Frames, this.film.rate, this.rate_hz);
  }
}
