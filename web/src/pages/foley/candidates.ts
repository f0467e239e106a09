/** Cues that spotting offers: read from the patch of its proposals. Pure. */
import type { Patch } from '$lib/api';
import type { FoleyCue } from '$schema/types';
import type { Proposals } from '$lib/api';

export interface Candidate {
  id: string;
  cue: FoleyCue;
  reason: string;
  confidence: number;
}

const kPath = /^\/foley\/cues\/([^/]+)$/;

/** Whole cues that would be added, in order of time; those that a person turned down are left out. */
export function candidates(proposals: Proposals | null, turned_down: Readonly<Record<string, unknown>>): Candidate[] {
  if (!proposals) return [];
  let patch: Patch;
  try {
    patch = JSON.parse(proposals.patch || '[]') as Patch;
  } catch {
    return [];
  }
  const reasons = new Map(proposals.items.map((item) => [item.path, item]));
  const found: Candidate[] = [];
  const take = (id: string, value: unknown): void => {
    const cue = value as FoleyCue | undefined;
    if (!cue || typeof cue.at_samples !== 'number' || id in turned_down) return;
    const item = reasons.get(`/foley/cues/${id}`);
    found.push({ id, cue, reason: item?.reason ?? cue.decided.reason, confidence: item?.confidence ?? cue.decided.confidence });
  };
  for (const operation of patch) {
    if (operation.op !== 'add') continue;
    const id = kPath.exec(operation.path)?.[1];
    if (id) take(id, operation.value);
    // A first cue may come with its whole collection.
    else if (operation.path === '/foley/cues' && operation.value) for (const [key, value] of Object.entries(operation.value)) take(key, value);
  }
  return found.sort((a, b) => a.cue.at_samples - b.cue.at_samples);
}

/** What a person turned down, kept in the session under a key of ours. */
export function turnedDown(ext: Record<string, unknown> | undefined): Record<string, boolean> {
  const kept = (ext?.['twopop'] as { turned_down?: Record<string, boolean> } | undefined)?.turned_down;
  return kept && typeof kept === 'object' ? kept : {};
}
