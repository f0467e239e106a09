import type { Decibels, Seconds } from './index.ts';

/** "+3.0 dB", "−∞ dB". */
export function formatDecibels(level: Decibels, digits = 1, unit = 'dB'): string {
  if (level === -Infinity) return `−∞ ${unit}`;
  const rounded = Number(level.toFixed(digits));
  const sign = rounded > 0 ? '+' : rounded < 0 ? '−' : '';
  return `${sign}${Math.abs(rounded).toFixed(digits)} ${unit}`;
}

/** What people type into a field of decibels: "-3", "−3 dB", "+2,5". Null for what is no number. */
export function parseDecibels(text: string): Decibels | null {
  const plain = text.replace('−', '-').replace(',', '.').replace(/\s*(dB|LU|LUFS|dBTP|dBFS)$/i, '').trim();
  if (!/^[+-]?\d+(\.\d*)?$|^[+-]?\.\d+$/.test(plain)) return null;
  return Number(plain) as Decibels;
}

/** A length for people: "12 s", "3 min 05 s", "1 h 02 min". */
export function formatDuration(length: Seconds): string {
  const whole = Math.round(length);
  if (length < 10) return `${length.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, '0')} min`;
}

/** Minutes, seconds and thousandths: "03:05.250". */
export function formatClock(at: Seconds): string {
  const thousandths = Math.round(Math.abs(at) * 1000);
  const minutes = Math.floor(thousandths / 60000);
  const rest = (thousandths % 60000) / 1000;
  return `${at < 0 ? '−' : ''}${String(minutes).padStart(2, '0')}:${rest.toFixed(3).padStart(6, '0')}`;
}
