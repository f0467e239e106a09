/** Effect chains: steps added, moved, set and taken out. The table of kinds comes from the server. Pure. */
import type { EffectKind } from '$lib/api';
import type { EffectStep } from '$schema/types';

export type Chain = Record<string, EffectStep>;

export function steps(chain: Chain): Array<[string, EffectStep]> {
  return Object.entries(chain).sort(([a, x], [b, y]) => x.order - y.order || (a < b ? -1 : 1));
}

export function freeId(taken: Record<string, unknown>, stem: string): string {
  let n = 1;
  while (`${stem}${n}` in taken) n++;
  return `${stem}${n}`;
}

/** A step of a kind at its usual settings, after all others. */
export function added(chain: Chain, kind: EffectKind): Chain {
  const order = Math.max(0, ...Object.values(chain).map((s) => s.order + 1));
  const step: EffectStep = {
    order,
    kind: kind.kind,
    numbers: Object.fromEntries(kind.numbers.map((c) => [c.key, c.usual])),
    texts: Object.fromEntries(kind.words.filter((w) => w.choices.length > 0).map((w) => [w.key, w.choices[0] ?? ''])),
  };
  return { ...chain, [freeId(chain, kind.kind)]: step };
}

export function without(chain: Chain, id: string): Chain {
  return Object.fromEntries(Object.entries(chain).filter(([key]) => key !== id));
}

/** One place earlier (-1) or later (1); orders are dealt anew, so that equal ones do not hold it back. */
export function moved(chain: Chain, id: string, by: -1 | 1): Chain {
  const ids = steps(chain).map(([key]) => key);
  const from = ids.indexOf(id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= ids.length) return chain;
  ids.splice(to, 0, ...ids.splice(from, 1));
  return Object.fromEntries(ids.map((key, order) => [key, { ...(chain[key] as EffectStep), order }]));
}

export function withNumber(chain: Chain, id: string, key: string, value: number): Chain {
  const step = chain[id];
  return step ? { ...chain, [id]: { ...step, numbers: { ...step.numbers, [key]: value } } } : chain;
}
export function withText(chain: Chain, id: string, key: string, value: string): Chain {
  const step = chain[id];
  return step ? { ...chain, [id]: { ...step, texts: { ...step.texts, [key]: value } } } : chain;
}

/** Length of a clip after the chain, as far as numbers tell (tails of convolutions not counted). */
export function lengthAfter(samples: number, chain: Chain): number {
  return steps(chain).reduce((length, [, s]) => (s.kind === 'stretch' ? Math.round(length * (s.numbers['factor'] ?? 1)) : length), samples);
}
