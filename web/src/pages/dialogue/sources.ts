/** What was recorded, by scene, take and device, and what became of it. Pure. */
import type { Document, Media, Placement, Refusal } from '$schema/types';

export type SourceState = 'placed' | 'refused' | 'unplaced' | 'broken';

export interface Source {
  media: string;
  item: Media;
  state: SourceState;
  placements: Array<{ id: string; placement: Placement }>;
  refusal?: Refusal;
  /** Clips that play it. */
  clips: string[];
}

export interface SourceGroup {
  name: string;
  sources: Source[];
}

export type GroupBy = 'scene' | 'device' | 'state';

const kinds = new Set(['rushes', 'recording', 'room-tone', 'picture']);

export function sourcesOf(document: Pick<Document, 'media' | 'dialogue'>): Source[] {
  const { placements, refusals, clips } = document.dialogue;
  const out: Source[] = [];
  for (const [id, item] of Object.entries(document.media)) {
    if (!kinds.has(item.kind)) continue;
    if (item.kind === 'picture' && item.channels === 0) continue;
    const placed = Object.entries(placements)
      .filter(([, p]) => p.media === id)
      .map(([key, placement]) => ({ id: key, placement }))
      .sort((a, b) => a.placement.film.in_samples - b.placement.film.in_samples);
    const refusal = Object.values(refusals).find((r) => r.media === id);
    const own = new Set(placed.map((p) => p.id));
    const heard = Object.entries(clips).filter(([, c]) => own.has(c.placement)).map(([key]) => key);
    const state: SourceState = item.problem ? 'broken' : placed.length ? 'placed' : refusal ? 'refused' : 'unplaced';
    out.push({ media: id, item, state, placements: placed, clips: heard, ...(refusal ? { refusal } : {}) });
  }
  return out;
}

const stateOrder: SourceState[] = ['broken', 'refused', 'unplaced', 'placed'];

export function grouped(sources: Source[], by: GroupBy, unnamed: string): SourceGroup[] {
  const groups = new Map<string, Source[]>();
  for (const source of sources) {
    const name = by === 'state' ? source.state : (by === 'scene' ? source.item.scene : source.item.device) || unnamed;
    groups.set(name, [...(groups.get(name) ?? []), source]);
  }
  const order = (name: string) => (by === 'state' ? stateOrder.indexOf(name as SourceState) : name === unnamed ? 1 : 0);
  return [...groups]
    .map(([name, list]) => ({ name, sources: list.sort(bySceneAndTake) }))
    .sort((a, b) => order(a.name) - order(b.name) || natural(a.name, b.name));
}

function bySceneAndTake(a: Source, b: Source): number {
  return natural(a.item.scene, b.item.scene) || natural(a.item.take, b.item.take) || natural(a.item.name, b.item.name);
}

function natural(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Name of a recorder's channel, from 0. */
export function channelName(item: Media | undefined, channel: number): string {
  return item?.tracks[String(channel + 1)] || String(channel + 1);
}
