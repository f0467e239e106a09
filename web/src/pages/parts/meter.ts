/** What a level meter shows over time, apart from how it is drawn. Pure. */

export interface MeterState {
  /** Falls by 20 dB in 1.7 s, as programme meters do (IEC 60268-10, type I). */
  bar_db: number;
  /** Highest of the last seconds. */
  hold_db: number;
  hold_until_ms: number;
  over: boolean;
}

export const kStill: MeterState = { bar_db: -120, hold_db: -120, hold_until_ms: 0, over: false };
const kFallDbPerMs = 20 / 1700;
const kHoldMs = 1500;

export function meterAfter(state: MeterState, peak_db: number, now_ms: number, elapsed_ms: number): MeterState {
  const bar = Math.max(peak_db, state.bar_db - kFallDbPerMs * Math.max(0, elapsed_ms), -120);
  const rising = peak_db >= state.hold_db;
  const kept = rising || now_ms < state.hold_until_ms;
  return {
    bar_db: bar,
    hold_db: rising ? peak_db : kept ? state.hold_db : bar,
    hold_until_ms: rising ? now_ms + kHoldMs : state.hold_until_ms,
    over: state.over || peak_db > 0,
  };
}

/** 0 to 1 on a meter from -60 to +3 dBFS, the upper half spread wider. */
export function meterPlace(db: number): number {
  if (db <= -60) return 0;
  if (db <= -30) return ((db + 60) / 30) * 0.3;
  if (db <= -12) return 0.3 + ((db + 30) / 18) * 0.32;
  return Math.min(1, 0.62 + ((db + 12) / 15) * 0.38);
}
