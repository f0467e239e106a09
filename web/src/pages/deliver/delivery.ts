/** What a delivery is judged by, as the server's report judges it. Pure. */
import type { Delivery } from '$schema/types';
import type { LoudnessCurve, SpecificationInfo } from '$lib/api';

export type CheckName = 'integrated' | 'dialogue' | 'true_peak' | 'short_term' | 'momentary' | 'range';

export interface Check {
  name: CheckName;
  figure: number | null;
  unit: string;
  least: number | null;
  most: number | null;
  pass: boolean;
}

/** Half a hundredth: figures are given to two decimals. */
const kRounding = 0.005;

export function figuresOf(spec: SpecificationInfo, delivery: Pick<Delivery, 'target_lufs' | 'ceiling_dbtp'>, loudness: LoudnessCurve): Check[] {
  const little = spec.dialogue_gated && typeof spec.little_dialogue_lufs === 'number' && loudness.dialogue_share < 0.15;
  const gated = spec.dialogue_gated && !little;
  const target = delivery.target_lufs ?? (little ? spec.little_dialogue_lufs : undefined) ?? spec.target_lufs ?? 0;
  const ceiling = delivery.ceiling_dbtp ?? spec.ceiling_dbtp;
  const checks: Check[] = [between(gated ? 'dialogue' : 'integrated', gated ? loudness.dialogue_lufs : loudness.programme_lufs, 'LUFS', target - spec.tolerance_lu, target + spec.tolerance_lu)];
  checks.push(between('true_peak', loudness.true_peak_dbtp, 'dBTP', null, ceiling));
  if (typeof spec.max_short_term_lufs === 'number') checks.push(between('short_term', loudness.max_short_term_lufs, 'LUFS', null, spec.max_short_term_lufs));
  if (typeof spec.max_momentary_lufs === 'number') checks.push(between('momentary', loudness.max_momentary_lufs, 'LUFS', null, spec.max_momentary_lufs));
  if (spec.greatest_range_lu !== undefined) checks.push(between('range', loudness.range_lu, 'LU', null, spec.greatest_range_lu));
  return checks;
}

function between(name: CheckName, figure: number | null, unit: string, least: number | null, most: number | null): Check {
  const pass = figure !== null && (least === null || figure >= least - kRounding) && (most === null || figure <= most + kRounding);
  return { name, figure, unit, least, most, pass };
}

export type FileKind = 'film' | 'mix' | 'me' | 'stem' | 'sheet' | 'report' | 'other';

export function kindOf(path: string): FileKind {
  const name = path.toLowerCase();
  if (/^film\.[a-z0-9]+$/.test(name)) return 'film';
  if (/^mix[^/]*\.wav$/.test(name)) return 'mix';
  if (/(^|\/)(me|m-and-e|m_and_e)[^/]*\.wav$/.test(name)) return 'me';
  if (name.startsWith('stems/')) return 'stem';
  if (name.startsWith('sheets/') || /\.(csv|xlsx)$/.test(name)) return 'sheet';
  if (name.includes('report')) return 'report';
  return 'other';
}
