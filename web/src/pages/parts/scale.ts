/** Where a value stands on a control, and how it is written. Pure. */

export type Curve = 'linear' | 'log';

export interface Scale {
  least: number;
  most: number;
  curve: Curve;
}

/** 0 to 1. */
export function placeOnScale(scale: Scale, value: number): number {
  const v = Math.min(Math.max(value, scale.least), scale.most);
  if (scale.curve === 'log') {
    const low = Math.max(scale.least, scale.most * 1e-5);
    return Math.log(Math.max(v, low) / low) / Math.log(scale.most / low);
  }
  return (v - scale.least) / (scale.most - scale.least);
}

export function valueOnScale(scale: Scale, place: number): number {
  const p = Math.min(Math.max(place, 0), 1);
  if (scale.curve === 'log') {
    const low = Math.max(scale.least, scale.most * 1e-5);
    return p === 0 ? scale.least : low * (scale.most / low) ** p;
  }
  return scale.least + (scale.most - scale.least) * p;
}

/** Rounded to a step, without the dust of binary fractions. */
export function toStep(value: number, step: number): number {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  return Number((Math.round(value / step) * step).toFixed(digits));
}

/** Fader law: place of a level on a fader 0 to 1, unity gain at three quarters, as mixing desks have it. */
export function faderPlace(db: number): number {
  const clamped = Math.min(12, Math.max(-96, db));
  for (let i = 1; i < faderMarks.length; i++) {
    const [db0, p0] = faderMarks[i - 1] as [number, number];
    const [db1, p1] = faderMarks[i] as [number, number];
    if (clamped <= db1) return p0 + ((clamped - db0) / (db1 - db0)) * (p1 - p0);
  }
  return 1;
}

export function faderDb(place: number): number {
  const p = Math.min(1, Math.max(0, place));
  for (let i = 1; i < faderMarks.length; i++) {
    const [db0, p0] = faderMarks[i - 1] as [number, number];
    const [db1, p1] = faderMarks[i] as [number, number];
    if (p <= p1) return toStep(db0 + ((p - p0) / (p1 - p0)) * (db1 - db0), 0.1);
  }
  return 12;
}

const faderMarks: Array<[number, number]> = [
  [-96, 0],
  [-60, 0.06],
  [-40, 0.16],
  [-30, 0.26],
  [-20, 0.4],
  [-10, 0.58],
  [0, 0.76],
  [6, 0.88],
  [12, 1],
];

/** Levels with a sign and one decimal; silence by its sign. */
export function dbText(db: number | null | undefined, digits = 1): string {
  if (db === null || db === undefined || db <= -95.95 || !Number.isFinite(db)) return '−∞';
  const rounded = Number(db.toFixed(digits));
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : ''}${Math.abs(rounded).toFixed(digits)}`;
}

/** 1.25 kHz, 80 Hz. */
export function hzText(hz: number): string {
  return hz >= 1000 ? `${Number((hz / 1000).toPrecision(3))} kHz` : `${Number(hz.toPrecision(3))} Hz`;
}

/** L30, C, R100. */
export function panText(pan: number): string {
  const p = Math.round(pan * 100);
  return p === 0 ? 'C' : p < 0 ? `L${-p}` : `R${p}`;
}
