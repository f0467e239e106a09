/** What the tests of the booth share: a known microphone, the takes that arrive, and where they lie. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { BoothTake, BoothView } from '../../schema/api.ts';
import { until } from './harness.ts';
import { kTwopop, type Server } from './server.ts';

export const kFilmRate = 48000;

/** Claims, one line each, and how many did not hold. */
export class Claims {
  failed = 0;
  check(claim: string, holds: boolean, figure: unknown = ''): void {
    console.log(`${holds ? 'ok    ' : 'FAILED'} ${claim}${figure === '' ? '' : `: ${String(figure)}`}`);
    if (!holds) ++this.failed;
  }
}

/** Samples of the WAV that the server made: 32-bit floats. */
export function readTake(path: string): Float32Array {
  const bytes = readFileSync(path);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'data') return new Float32Array(bytes.buffer.slice(bytes.byteOffset + at + 8, bytes.byteOffset + at + 8 + size));
    at += 8 + size + (size % 2);
  }
  throw new Error(`${path}: no data`);
}

export const view = (page: Page): Promise<BoothView> => page.evaluate(async () => (await fetch('/api/films/film/booth')).json() as Promise<BoothView>);
export const takesOf = async (page: Page, cue = 'a-1'): Promise<BoothTake[]> => (await view(page)).cues.find(({ id }) => id === cue)?.takes ?? [];

export async function arrived(page: Page, count: number): Promise<BoothTake> {
  let newest: BoothTake | undefined;
  await until(`take ${String(count)} arrives`, async () => (newest = (await takesOf(page).catch(() => []))[count - 1]) !== undefined, 120_000);
  if (!newest) throw new Error('no take');
  return newest;
}

export interface TakeOnDisk {
  sound: Float32Array;
  path: string;
  /** Film position of its first sample. */
  at_samples: number;
  /** How it was placed, in words. */
  reason: string;
}

export function onDisk(server: Server, item: BoothTake): TakeOnDisk {
  const document = server.document();
  const media = document.media[item.media];
  const path = join(server.film, media?.path ?? '');
  return { sound: readTake(path), at_samples: ((media?.start_of_day_s ?? NaN) - document.start_frame / 25) * kFilmRate, path, reason: document.adr.takes[item.item]?.decided.reason ?? '' };
}

export const cueAt = (in_samples: number, out_samples: number): string =>
  JSON.stringify({ number: '001', film: { in_samples, out_samples }, character: 'Ada', text: 'I was here before the rain.', status: 'open', decided: { by: 'person', reason: '', confidence: 1 } });
export const edit = (film: string, change: string): void => void execFileSync(kTwopop, ['edit', film, '--set', change], { stdio: 'ignore' });

export async function openMicrophone(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the microphone' }).click();
  await page.getByRole('meter').waitFor({ timeout: 60_000 });
}

/** The shortest pass that the booth allows: a take in three seconds. */
export async function shortPass(page: Page): Promise<void> {
  for (const [name, value] of [['Pre-roll', '1'], ['Post-roll', '0.5'], ['Between beeps', '0.4']] as const) {
    const field = page.getByLabel(name);
    await field.fill(value);
    await field.press('Enter');
  }
  await offFields(page);
}

/** Leaves whatever takes letters for itself. */
export const offFields = (page: Page): Promise<void> => page.locator('body').click({ position: { x: 2, y: 2 } });

/** Lag (in samples) at which `part` lies in `whole` around `from`, and how alike they are there: -1 to 1; `gain` of part to be as loud. */
export function likeness(whole: Float32Array, part: Float32Array, from: number, most: number): { lag: number; alike: number; gain: number } {
  let best = { lag: 0, alike: -2, gain: 0 };
  const energy = part.reduce((sum, x) => sum + x * x, 0);
  for (let lag = -most; lag <= most; ++lag) {
    let [product, other] = [0, 0];
    for (let i = 0; i < part.length; ++i) {
      const x = whole[from + lag + i] ?? 0;
      product += x * (part[i] ?? 0);
      other += x * x;
    }
    const alike = energy > 0 && other > 0 ? product / Math.sqrt(energy * other) : 0;
    if (alike > best.alike) best = { lag, alike, gain: energy > 0 ? product / energy : 0 };
  }
  return best;
}
