/** The desk: which channels there are, in which order, as one list. Pure. */
import type { Bus, CompressorSettings, Decision, Document, EqBand, Strip } from '$schema/types';
import type { SoundInfo } from '$lib/api';

export type ChannelKind = 'strip' | 'bus' | 'master';

export interface Channel {
  key: string;
  kind: ChannelKind;
  id: string;
  name: string;
  colour: string;
  gain_db: number;
  pan: number;
  muted: boolean;
  soloed: boolean;
  eq?: Record<string, EqBand>;
  compressor: CompressorSettings;
  automated: boolean;
  decided: Decision;
  /** Name under which the live mixer measures it. */
  meter: string;
}

const kStems = ['dialogue', 'adr', 'effects', 'foley', 'music'];
const kColours: Record<string, string> = { dialogue: 'var(--dialogue)', adr: 'var(--adr)', effects: 'var(--design)', design: 'var(--design)', foley: 'var(--foley)', music: 'var(--music)' };

export const kFlat: CompressorSettings = { on: false, threshold_dbfs: -20, ratio: 2, knee_db: 6, attack_ms: 10, release_ms: 150, make_up_db: 0, reason: '' };
const kUndecided: Decision = { by: 'auto', reason: '', confidence: 1 };

/** A channel on which nothing is set. */
export function emptyStrip(kind: ChannelKind, reason: string): Strip | Bus {
  const bus: Bus = { gain_db: 0, muted: false, eq: {}, compressor: { ...kFlat }, gain_automation_db: {}, decided: { by: 'person', reason, confidence: 1 } };
  return kind === 'strip' ? { ...bus, pan: 0, soloed: false } : bus;
}

/** Strips in the order of the phases that hand them on, then the buses, then the master. Tracks without a strip run through at 0 dB. */
export function channelsOf(document: Document, sounds: readonly SoundInfo[], names: Readonly<Record<string, string>>): Channel[] {
  const { strips, buses, master } = document.mix;
  const tracks = sounds.filter((s) => s.kind === 'track').map((s) => ({ id: s.id.replace(/^track:/, ''), title: s.name, phase: s.phase }));
  const known = new Set(tracks.map((track) => track.id));
  const left = Object.keys(strips).filter((id) => !known.has(id) && tracks.length === 0).map((id) => ({ id, title: id, phase: phaseOf(id) }));
  const order = (phase: string): number => ['dialogue', 'adr', 'design', 'effects', 'foley', 'music'].indexOf(phase);
  const all = [...tracks, ...left].sort((a, b) => order(a.phase) - order(b.phase));
  const list: Channel[] = all.map(({ id, title, phase }) => {
    const strip = strips[id] ?? (emptyStrip('strip', '') as Strip);
    return {
      key: `strip:${id}`, kind: 'strip', id, name: title || id, colour: kColours[phase] ?? 'var(--media)', gain_db: strip.gain_db, pan: strip.pan, muted: strip.muted, soloed: strip.soloed, eq: strip.eq,
      compressor: strip.compressor, automated: Object.keys(strip.gain_automation_db).length > 0, decided: strips[id]?.decided ?? kUndecided, meter: `track:${id}`,
    };
  });
  const heard = new Set(sounds.filter((s) => s.kind === 'stem' || s.kind === 'bus').map((s) => s.id.replace(/^(stem|bus):/, '')));
  for (const id of kStems) {
    if (!buses[id] && !heard.has(id)) continue;
    const bus = buses[id] ?? (emptyStrip('bus', '') as Bus);
    list.push({
      key: `bus:${id}`, kind: 'bus', id, name: names[id] ?? id, colour: kColours[id] ?? 'var(--media)', gain_db: bus.gain_db, pan: 0, muted: bus.muted, soloed: false, eq: bus.eq,
      compressor: bus.compressor, automated: Object.keys(bus.gain_automation_db).length > 0, decided: buses[id]?.decided ?? kUndecided, meter: `bus:${id}`,
    });
  }
  list.push({ key: 'master:', kind: 'master', id: '', name: names['master'] ?? 'master', colour: 'var(--mix)', gain_db: master.gain_db, pan: 0, muted: false, soloed: false, compressor: master.compressor, automated: false, decided: master.decided, meter: 'master' });
  return list;
}

function phaseOf(track: string): string {
  return /^(dialogue|adr|design|effects|foley|music)/.exec(track)?.[1] ?? '';
}

/** A band at the end of the chain. */
export function defaultBand(eq: Record<string, EqBand>, kind: EqBand['kind'], hz: number, gain_db: number): EqBand {
  const order = Math.max(-1, ...Object.values(eq).map((b) => b.order)) + 1;
  return { order, kind, frequency_hz: Math.min(20000, Math.max(20, hz)), q: kind === 'bell' ? 1 : kind === 'notch' ? 8 : 0.7071, gain_db: Math.min(24, Math.max(-24, gain_db)), on: true, reason: '' };
}
