/** A film as large as films get, on the disk: two hours of picture, a hundred tracks, twelve recordings of ten minutes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../../schema/types.ts';
import { bigSession, kFilmSeconds, sequence } from './big_session.ts';
import { kTwopop } from './server.ts';
import { writeWav } from './wav.ts';

const kRecordings = 12;
const kRate = 48000;

function run(command: string, args: string[], input?: string): string {
  const ran = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...(input === undefined ? {} : { input }) });
  if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.stderr || ran.stdout}`);
  return ran.stdout;
}

/** Noise whose level goes up and down as speech does: 16 bit, mono. */
function noise(seconds: number): Int16Array {
  const random = sequence(3);
  const samples = new Int16Array(seconds * kRate);
  let level = 0;
  for (let at = 0; at < samples.length; ++at) {
    if (at % 2400 === 0) level = Math.abs(Math.sin(at / 90000)) * random() * 24000;
    samples[at] = level * (random() - random());
  }
  return samples;
}

/** Makes picture, recordings (0.7 GB) and film in `folder`; returns the film's folder. */
export function makeBigFilm(folder: string, tracks: number): string {
  mkdirSync(folder, { recursive: true });
  const [minute, picture] = [join(folder, 'minute.mp4'), join(folder, 'cut.mp4')];
  run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'smptehdbars=s=160x90:r=25:d=60', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-bf', '0', minute]);
  run('ffmpeg', ['-v', 'error', '-y', '-stream_loop', String(kFilmSeconds / 60 - 1), '-i', minute, '-c', 'copy', picture]);
  rmSync(minute);
  const seconds = kFilmSeconds / kRecordings;
  const sound = noise(seconds);
  const files = Array.from({ length: kRecordings }, (_, index) => {
    const file = join(folder, `BOOM_${String(index + 1).padStart(3, '0')}.wav`);
    // Each begins elsewhere in the same noise, so that no two are alike.
    const from = index * 7 * kRate;
    const turned = new Int16Array(sound.length);
    turned.set(sound.subarray(from));
    turned.set(sound.subarray(0, from), sound.length - from);
    writeWav(file, turned, kRate);
    return file;
  });
  const film = join(folder, 'big.twopop');
  run(kTwopop, ['new', film, '--picture', picture]);
  run(kTwopop, ['add', film, ...files, '--as', 'recording']);
  const empty = JSON.parse(run(kTwopop, ['export', film, '-'])) as Document;
  const recordings = Object.keys(empty.media).filter((id) => empty.media[id]?.kind === 'recording').sort();
  run(kTwopop, ['import', film, '-', '--reason', 'made by rule'], JSON.stringify(bigSession({ tracks, film: empty, recordings })));
  return film;
}
