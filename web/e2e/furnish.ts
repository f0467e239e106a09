/** Gives a film what the acts work on and it lacks, as somebody would who adds files: a cue with a take, a door, a piece of music. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Document } from '../../schema/types.ts';
import { kTwopop } from './server.ts';
import { makeSound } from './small_film.ts';

function twopop(...args: string[]): string {
  const ran = spawnSync(kTwopop, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (ran.status !== 0) throw new Error(`twopop ${args.join(' ')}: ${ran.stderr || ran.stdout}`);
  return ran.stdout;
}

/** `folder` takes the sounds that are made for it. */
export function furnish(film: string, folder: string): void {
  const read = (): Document => JSON.parse(twopop('export', film, '-')) as Document;
  const set = (path: string, value: unknown): void => void twopop('edit', film, '--set', `${path}=${JSON.stringify(value)}`);
  const add = (name: 'door' | 'theme' | 'take', as: string): string => {
    const file = join(folder, `${name}_added.wav`);
    makeSound(name, file);
    const before = new Set(Object.keys(read().media));
    twopop('add', film, file, '--as', as);
    const added = Object.keys(read().media).find((id) => !before.has(id));
    if (!added) throw new Error(`${file} was not added`);
    return added;
  };
  const decided = { by: 'person', reason: 'so that there is one', confidence: 1 };
  const fade = { length_samples: 0, shape: 'equal_power' };
  const { adr, media, music, picture, rate_hz } = read();
  const whole = { in_samples: 0, out_samples: Math.min(picture.length_samples, 10 * rate_hz) };
  if (!Object.values(media).some(({ name, kind }) => kind === 'effect' && name.includes('door'))) add('door', 'effect');
  if (Object.keys(music.cues).length === 0) set('/music/cues/m1', { number: '1m1', film: whole, media: add('theme', 'music'), fade_in: fade, fade_out: fade, decided });
  if (!Object.values(adr.takes).some(({ cue, refused }) => !refused && cue in adr.cues)) {
    set('/adr/cues/furnished', { number: '001', film: { in_samples: rate_hz, out_samples: 3 * rate_hz }, character: 'ADA', text: 'A line.', decided });
    set('/adr/takes/furnished', { media: add('take', 'take'), cue: 'furnished', decided });
  }
}
