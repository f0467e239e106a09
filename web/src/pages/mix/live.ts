/** What the live mixer measures and takes, where the player has one. A player without it is silent here, not an error. */
import type { Player } from '$lib/player';
import type { Channel } from './channels.ts';

export interface LiveLevels {
  /** Peak of each channel since it was asked last, dBFS. */
  peaks_dbfs: readonly number[];
  /** What the compressor takes away at this instant, dB, 0 or more. */
  reduction_db: number;
}
interface LivePlayer {
  levels?: (channel: string) => LiveLevels | null;
  adjust?: (channel: string, change: { gain_db: number }) => void;
}

const kNone: readonly number[] = [];

export function levelsOf(player: Player, channel: string): readonly number[] {
  return (player as Player & LivePlayer).levels?.(channel)?.peaks_dbfs ?? kNone;
}
export function reductionOf(player: Player, channel: string): number {
  return (player as Player & LivePlayer).levels?.(channel)?.reduction_db ?? 0;
}
/** Heard while the hand still moves; the session follows when it lets go. */
export function setLive(player: Player, channel: Channel, change: { gain_db: number }): void {
  (player as Player & LivePlayer).adjust?.(channel.meter, change);
}
