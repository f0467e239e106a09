/** A small film with something in every phase, made of generated sound and a generated picture: nothing is needed but ffmpeg. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { kTwopop } from './server.ts';

function run(command: string, args: string[]): void {
  const ran = spawnSync(command, args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${ran.stderr || ran.stdout}`);
}

const kSeconds = 28;
/** Generated sounds: filters of ffmpeg. */
const kSounds = {
  // Syllables: noise in the range of a voice that comes and goes, at times that repeat nowhere.
  line: 'anoisesrc=c=pink:r=48000:a=0.5:d=28:seed=11,highpass=f=180,lowpass=f=3400,volume=volume=\'if(gt(sin(2*PI*t*0.31)+0.4*sin(2*PI*t*0.113),0.2),abs(sin(2*PI*t*3.1+2*sin(t*1.7))),0.004)\':eval=frame',
  take: 'anoisesrc=c=pink:r=48000:a=0.5:d=3:seed=12,highpass=f=180,lowpass=f=3400',
  theme: 'aevalsrc=0.2*sin(2*PI*220*t)*exp(-2*mod(t\\,0.5))+0.15*sin(2*PI*330*t)*exp(-3*mod(t\\,1)):s=48000:d=30',
  door: 'anoisesrc=c=white:r=48000:a=0.6:d=0.6:seed=5,afade=t=out:d=0.5',
  wind: 'anoisesrc=c=brown:r=48000:a=0.3:d=12:seed=9',
} as const;
export function makeSound(name: keyof typeof kSounds, file: string): void {
  run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', kSounds[name], '-c:a', 'pcm_s24le', file]);
}

/** Makes the folder of raw material and the film; returns the film's folder. */
export function makeSmallFilm(folder: string): string {
  const raw = join(folder, 'raw');
  for (const part of ['picture', 'sound', 'music', 'effects', 'ambience']) mkdirSync(join(raw, part), { recursive: true });
  const ffmpeg = (...args: string[]): void => run('ffmpeg', ['-v', 'error', '-y', ...args]);
  makeSound('line', join(raw, 'sound', 'BOOM_001.wav'));
  ffmpeg('-f', 'lavfi', '-i', `testsrc2=s=320x180:r=25:d=${kSeconds}`, '-i', join(raw, 'sound', 'BOOM_001.wav'), '-af', 'volume=0.4,lowpass=f=2500', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest', join(raw, 'picture', 'cut.mp4'));
  makeSound('theme', join(raw, 'music', 'theme.wav'));
  makeSound('door', join(raw, 'effects', 'door_close.wav'));
  makeSound('wind', join(raw, 'ambience', 'wind.wav'));
  const film = join(folder, 'small.twopop');
  run(kTwopop, ['new', film, '--from', raw]);
  run(kTwopop, ['build', film]);
  return film;
}
